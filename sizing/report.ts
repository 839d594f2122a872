/** The plan in the three forms that people and programs read; one function a form. */
export { planJson } from "./report/json";
export { planMarkdown } from "./report/markdown";
export { planTable } from "./report/table";
