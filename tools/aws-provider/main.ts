// Plays a provider of Pulumi without a cloud: `main.js aws FOLDER` or `main.js kubernetes FOLDER`, as the tests of the
// aws target start it. What it is told to make lies in the folder.
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { servePlugin } from "../plugin/serve";
import { awsPackage } from "./aws-package";
import { KUBERNETES_PACKAGE } from "./kubernetes-package";
import { Recording } from "./recording";
import { recordingProvider } from "./service";
import type { ResourceShape } from "./shape";
import shapes from "./shapes.generated.json";

const [, , packageName = "", folder = ""] = process.argv;
const SHAPES: Readonly<Record<string, unknown>> = shapes;

function isShape(value: unknown): value is ResourceShape {
  return typeof value === "object" && value !== null && "inputs" in value && "outputs" in value;
}

const known = Object.entries(SHAPES).flatMap(([type, shape]) => (isShape(shape) ? [[type, shape] as const] : []));
const recorded = packageName === "kubernetes" ? KUBERNETES_PACKAGE : awsPackage(Object.fromEntries(known));

void servePlugin(
  (server) => server.addService(ResourceProviderService, recordingProvider(recorded, new Recording(folder))),
  () => undefined,
);
