import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { toStruct } from "./properties";
import type { Failure, Outcome } from "./session";

const DETAILS_KEY = "grpc-status-details-bin";

/**
 * The error by which a provider says "it exists, but it is not as it should be": the engine records the state that
 * comes with it and tries again in the next run.
 */
export function initFailed(outcome: Outcome, failure: Failure): Partial<ServiceError> {
  const detail = new ErrorResourceInitFailed()
    .setId(outcome.id)
    .setProperties(toStruct(outcome.state))
    .setReasonsList([failure.message, ...failure.reasons]);
  if (outcome.inputs !== undefined) detail.setInputs(toStruct(outcome.inputs));
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const full = new Status().setCode(status.UNKNOWN).setMessage(failure.message).setDetailsList([packed]);
  const metadata = new Metadata();
  metadata.set(DETAILS_KEY, Buffer.from(full.serializeBinary()));
  return { code: status.UNKNOWN, details: failure.message, metadata };
}
