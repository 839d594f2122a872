import { type handleServerStreamingCall, status, type UntypedServiceImplementation } from "@grpc/grpc-js";
import * as language from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { unary } from "../plugin/unary";
import { ending, killChildren, startNode, type Ending } from "./child";
import { type Program, programCommand, runnerPath, runtimeOptions, typescriptEnvironment } from "./command";

/** The exit code by which `@pulumi/pulumi` says that it has shown the error already. */
const ERROR_ALREADY_SHOWN = 32;

/** Pulumi's LanguageRuntime service for Node programs and policy packs. */
export function languageRuntime(engine: string): UntypedServiceImplementation {
  return {
    handshake: unary(() => new language.LanguageHandshakeResponse()),
    getPluginInfo: unary(() => new PluginInfo()),
    about: unary(() => new language.AboutResponse().setExecutable(process.execPath).setVersion(process.versions.node)),
    // Nothing to install from here: the packages are npm's, and the plugins cannot be downloaded on this machine.
    getRequiredPlugins: unary(() => new language.GetRequiredPluginsResponse()),
    getRequiredPackages: unary(() => new language.GetRequiredPackagesResponse()),
    getProgramDependencies: unary(() => new language.GetProgramDependenciesResponse()),
    runtimeOptionsPrompts: unary(() => new language.RuntimeOptionsResponse()),
    installDependencies,
    run: unary((request: language.RunRequest) => run(request, engine)),
    runPlugin,
    cancel: unary(() => {
      killChildren();
      return new Empty();
    }),
  };
}

const installDependencies: handleServerStreamingCall<
  language.InstallDependenciesRequest,
  language.InstallDependenciesResponse
> = (call) => {
  const directory = call.request.getDirectory();
  const hint = `Run \`npm ci\` in ${directory}: this language host installs no packages.\n`;
  call.write(new language.InstallDependenciesResponse().setStderr(Buffer.from(hint)));
  call.end();
};

async function run(request: language.RunRequest, engine: string): Promise<language.RunResponse> {
  const program = programOf(request, engine);
  const command = programCommand(program, runnerPath("run", program.programDirectory));
  const child = startNode(command.args, {
    cwd: program.programDirectory,
    env: { ...process.env, ...command.env },
    // The engine shows what this process prints, so the program's output needs no copying.
    stdio: ["ignore", "inherit", "inherit"],
  });
  return runResponse(await ending(child));
}

function programOf(request: language.RunRequest, engine: string): Program {
  const info = request.getInfo();
  const programDirectory = info?.getProgramDirectory() ?? request.getPwd();
  return {
    project: request.getProject(),
    stack: request.getStack(),
    organization: request.getOrganization(),
    rootDirectory: info?.getRootDirectory() ?? programDirectory,
    programDirectory,
    entryPoint: info?.getEntryPoint() ?? request.getProgram(),
    args: request.getArgsList(),
    monitor: request.getMonitorAddress(),
    engine,
    parallel: request.getParallel(),
    dryRun: request.getDryrun(),
    config: Object.fromEntries(request.getConfigMap().toArray()),
    configSecretKeys: request.getConfigsecretkeysList(),
    options: runtimeOptions(info?.getOptions()?.toJavaScript() ?? {}),
  };
}

/** What a program's ending means to the engine. */
export function runResponse(end: Ending): language.RunResponse {
  const response = new language.RunResponse();
  if (end.code === 0) return response;
  if (end.code === ERROR_ALREADY_SHOWN) return response.setBail(true);
  if (end.signal !== undefined) return response.setError(`Program was ended by ${end.signal}`);
  return response.setError(`Program exited with non-zero exit code: ${end.code}`);
}

const runPlugin: handleServerStreamingCall<language.RunPluginRequest, language.RunPluginResponse> = (call) => {
  runPluginProgram(call).catch((error: Error) => {
    call.emit("error", { code: status.UNKNOWN, details: error.message });
  });
};

async function runPluginProgram(call: Parameters<typeof runPlugin>[0]): Promise<void> {
  const { request } = call;
  const info = request.getInfo();
  const directory = info?.getProgramDirectory() ?? request.getPwd();
  const options = runtimeOptions(info?.getOptions()?.toJavaScript() ?? {});
  const isPolicyPack = request.getKind() === "analyzer";
  const runner = runnerPath(isPolicyPack ? "run-policy-pack" : "run-plugin", directory);
  // A policy pack's runner wants the engine's address first and the pack last; other plugins the reverse.
  const args = isPolicyPack ? [...request.getArgsList(), directory] : [directory, ...request.getArgsList()];
  const child = startNode([...options.nodeargs, runner, ...args], {
    // A policy pack reads its package.json from where it stands.
    cwd: isPolicyPack ? directory : request.getPwd(),
    env: { ...pluginEnvironment(request.getEnvList()), ...typescriptEnvironment(options) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  call.once("cancelled", () => child.kill("SIGKILL"));
  child.stdout?.on("data", (chunk: Buffer) => call.write(new language.RunPluginResponse().setStdout(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => call.write(new language.RunPluginResponse().setStderr(chunk)));
  const end = await ending(child);
  call.write(new language.RunPluginResponse().setExitcode(end.code ?? 1));
  call.end();
}

function pluginEnvironment(entries: readonly string[]): NodeJS.ProcessEnv {
  if (entries.length === 0) return process.env;
  return Object.fromEntries(
    entries.map((entry) => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
