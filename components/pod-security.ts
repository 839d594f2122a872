/** User that the engine's image carries for running without root. */
export const ENGINE_USER = { uid: 2000, gid: 0 } as const;

/** The strictest standard of pod security asks for it of each container. */
export const CLOSED_CONTAINER = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};
