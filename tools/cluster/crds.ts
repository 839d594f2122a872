import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { parseAllDocuments } from "yaml";
import { cached, cacheKey, cacheOnce } from "../engine/cache";
import { say } from "../engine/console";
import { Failure } from "../engine/failure";
import { goEnvironment, requireGo } from "../engine/go";
import { run, throwIfInterrupted } from "../engine/processes";
import type { KubeApi } from "../kubernetes-provider/kube-api";
import { isJsonObject, type JsonObject, listAt, stringAt } from "../kubernetes-provider/kube-object";

/** The folders of the pinned modules that hold custom resource definitions. */
const SOURCES = [
  { module: "sigs.k8s.io/gateway-api", folder: "config/crd/standard" },
  { module: "sigs.k8s.io/gateway-api-inference-extension", folder: "config/crd/bases" },
  { module: "github.com/envoyproxy/gateway", folder: "charts/gateway-crds-helm/templates/generated" },
  { module: "github.com/envoyproxy/ai-gateway", folder: "manifests/charts/ai-gateway-crds-helm/templates" },
] as const;

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const LABEL = "fitserve.dev/crds";
const FIELD_MANAGER = "fitserve-local";
const ESTABLISH_TIMEOUT_MS = 60_000;
const ESTABLISH_POLL_MS = 200;

/** Applies the definitions of the gateway's resources, so that the API server checks what the stack emits. */
export async function ensureCrds(api: KubeApi, goModules: string): Promise<number> {
  const definitions = await loadDefinitions(goModules);
  const version = definitions.key.replace(/[^\w.-]/g, "-").slice(0, 63);
  if ((await established(api, version)) === definitions.crds.length) return definitions.crds.length;
  await Promise.all(definitions.crds.map((crd) => apply(api, crd, version)));
  for (let waited = 0; waited < ESTABLISH_TIMEOUT_MS; waited += ESTABLISH_POLL_MS) {
    if ((await established(api, version)) === definitions.crds.length) return definitions.crds.length;
    throwIfInterrupted();
    await delay(ESTABLISH_POLL_MS);
  }
  throw new Failure(
    `The cluster did not establish all ${definitions.crds.length} custom resource definitions in time.`,
  );
}

function apply(api: KubeApi, crd: JsonObject, version: string): Promise<unknown> {
  const metadata = isJsonObject(crd["metadata"]) ? crd["metadata"] : {};
  const labels = isJsonObject(metadata["labels"]) ? metadata["labels"] : {};
  const labelled = { ...crd, metadata: { ...metadata, labels: { ...labels, [LABEL]: version } } };
  // Server-side, because some are larger than the annotation that client-side apply would write.
  return api.apply(`${DEFINITIONS}/${stringAt(crd, "metadata", "name") ?? ""}`, labelled, {
    fieldManager: FIELD_MANAGER,
    force: true,
  });
}

async function established(api: KubeApi, version: string): Promise<number> {
  const list = await api.get(DEFINITIONS, { query: { labelSelector: `${LABEL}=${version}` } });
  return listAt(list, "items").filter((crd) => listAt(crd, "status", "conditions").some(isEstablished)).length;
}

function isEstablished(condition: unknown): boolean {
  return stringAt(condition, "type") === "Established" && stringAt(condition, "status") === "True";
}

/** The gateway's resource definitions, fetched as Go modules unless the cache has them. */
export async function loadDefinitions(
  goModules: string,
): Promise<{ readonly key: string; readonly crds: readonly JsonObject[] }> {
  const moduleFolder = join(goModules, "crds");
  const key = cacheKey("crds", "1", moduleFolder, SOURCES);
  const folder =
    cached(key) ??
    (await cacheOnce(
      key,
      (staging) => extract(moduleFolder, staging),
      (holder) => say(`  custom resource definitions: another run (process ${holder}) is fetching them; waiting`),
    ));
  const crds = readdirSync(folder)
    .map((file): unknown => JSON.parse(readFileSync(join(folder, file), "utf8")))
    .filter(isJsonObject);
  return { key, crds };
}

/** Fetches the pinned modules and keeps each of their definitions as a plain file. */
async function extract(moduleFolder: string, staging: string): Promise<void> {
  requireGo("fetch the custom resource definitions of the gateway");
  const modules = SOURCES.map((source) => source.module);
  const answer = await run("go", ["mod", "download", "-json", ...modules], { cwd: moduleFolder, env: goEnvironment() });
  if (answer.code !== 0) {
    const said = `${answer.stderr}\n${answer.stdout}`.trim().slice(-2000);
    throw new Failure(`The custom resource definitions could not be fetched. Go said:\n${said}`);
  }
  const folders = moduleFolders(answer.stdout);
  for (const source of SOURCES) {
    const folder = join(folders.get(source.module) ?? "", source.folder);
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".yaml"))) {
      for (const crd of definitionsIn(readFileSync(join(folder, file), "utf8"))) {
        await writeFile(join(staging, file.replace(/\.yaml$/, ".json")), JSON.stringify(crd));
      }
    }
  }
}

// `go mod download -json` prints one object after the other, without commas.
function moduleFolders(output: string): Map<string, string> {
  const modules: unknown = JSON.parse(`[${output.trim().replaceAll(/\n\}\n\{/g, "\n},\n{")}]`);
  return new Map(listAt(modules).map((one) => [stringAt(one, "Path") ?? "", stringAt(one, "Dir") ?? ""]));
}

/** The custom resource definitions in a file of a Helm chart whose only templating is whole lines around them. */
export function definitionsIn(file: string): JsonObject[] {
  const plain = file
    .split("\n")
    .filter((line) => !line.trimStart().startsWith("{{"))
    .join("\n");
  return parseAllDocuments(plain)
    .map((document): unknown => document.toJS())
    .filter((object): object is JsonObject => isJsonObject(object) && object["kind"] === "CustomResourceDefinition");
}
