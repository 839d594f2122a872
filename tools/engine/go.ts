import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { Failure } from "./failure";
import { GO_MINIMUM } from "./go-tools";

/** What builds of the pinned modules run under: nothing outside the module, nor a C compiler, has a say in them. */
export function goEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, CGO_ENABLED: "0", GOWORK: "off", GOFLAGS: "-mod=readonly -buildvcs=false" };
}

/** Says why Go cannot be used, or undefined where it can. */
function goFault(): string | undefined {
  // Outside any module, so that no go.mod makes it fetch another Go first.
  const answer = spawnSync("go", ["version"], { encoding: "utf8", cwd: tmpdir() });
  if (answer.error !== undefined || answer.status !== 0) return "Go is not installed";
  const version = /go(\d+(?:\.\d+)*)/.exec(answer.stdout)?.[1];
  if (version === undefined) return `"go version" answers ${JSON.stringify(answer.stdout.trim())}`;
  return isAtLeast(version, GO_MINIMUM)
    ? undefined
    : `Go ${version} is installed, and ${GO_MINIMUM} or newer is needed`;
}

/** Go is there and new enough, or the run ends with what to install. */
export function requireGo(purpose: string): void {
  const fault = goFault();
  if (fault === undefined) return;
  throw new Failure(
    `${fault}. The local target needs it once, to ${purpose}.\n` +
      `Install Go ${GO_MINIMUM} or newer (https://go.dev/dl/) and run this again.`,
  );
}

/** Compares versions such as `1.26.4` and `v3.250.0` by their numbers. */
export function isAtLeast(version: string, minimum: string): boolean {
  const have = numbersIn(version);
  for (const [place, want] of numbersIn(minimum).entries()) {
    const got = have[place] ?? 0;
    if (got !== want) return got > want;
  }
  return true;
}

function numbersIn(version: string): number[] {
  return (version.match(/\d+/g) ?? []).slice(0, 3).map(Number);
}
