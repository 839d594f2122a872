import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";

/** Messages for the user, shown by the engine beside the resource. */
export interface Log {
  /** Replaces the resource's line in the progress display; an empty text clears it. */
  status(urn: string, text: string): void;
  warning(urn: string, text: string): void;
}

/** The engine's log. A message that cannot be delivered is dropped: no operation fails for it. */
export function engineLog(address: string): Log {
  const client = new EngineClient(address, credentials.createInsecure());
  const send = (urn: string, message: string, severity: LogSeverity, ephemeral: boolean): void => {
    const request = new LogRequest().setUrn(urn).setMessage(message).setSeverity(severity).setEphemeral(ephemeral);
    client.log(request, () => undefined);
  };
  return {
    status: (urn, text) => send(urn, text, LogSeverity.INFO, true),
    warning: (urn, text) => send(urn, text, LogSeverity.WARNING, false),
  };
}

export const SILENT: Log = { status: () => undefined, warning: () => undefined };
