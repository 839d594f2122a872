import { type handleUnaryCall, type ServiceError, status } from "@grpc/grpc-js";

/** A gRPC method that answers with what `make` gives, or with the failure that its error stands for. */
export function unary<Request, Response>(
  make: (request: Request) => Response | Promise<Response>,
  failureOf: (error: unknown) => Partial<ServiceError> = unknownFailure,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(make)
      .then(
        (response) => callback(null, response),
        (error: unknown) => callback(failureOf(error)),
      );
  };
}

function unknownFailure(error: unknown): Partial<ServiceError> {
  return { code: status.UNKNOWN, details: error instanceof Error ? error.message : String(error) };
}
