// A stand-in for `pulumi-resource-kubernetes`, for machines where the official one can be neither installed nor
// downloaded.
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { engineAddress, servePlugin } from "../plugin/serve";
import { engineLog } from "./engine-log";
import { KubernetesProvider } from "./provider";
import { resourceProvider } from "./service";

const provider = new KubernetesProvider();
const attach = (engine: string): void => provider.attachLog(engineLog(engine));

const engine = engineAddress(process.argv.slice(2));
if (engine !== "") attach(engine);

void servePlugin(
  (server) => server.addService(ResourceProviderService, resourceProvider(provider, attach)),
  () => provider.cancel(),
);
