// A stand-in for `pulumi-language-nodejs`, for machines where the official one can be neither installed nor downloaded.
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { engineAddress, servePlugin } from "../plugin/serve";
import { killChildren } from "./child";
import { languageRuntime } from "./runtime";

void servePlugin((server) => {
  server.addService(LanguageRuntimeService, languageRuntime(engineAddress(process.argv.slice(2))));
}, killChildren);
