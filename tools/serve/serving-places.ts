/** Files in the folder of the serving programs, which is `serve` in the clone's work folder. */
export const SETTINGS_FILE = "settings.json";
export const READY_FILE = "ready";
export const STATE_FILE = "state.json";
export const SUPERVISOR_LOG = "serving.log";
