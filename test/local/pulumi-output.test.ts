import { expect, it } from "vitest";
import { newLines } from "../../tools/local/pulumi-output";

it("prints each piece of news of a resource once, however long it takes", () => {
  const printed: string[] = [];
  const print = newLines((line) => printed.push(line));
  const log = [
    " +  kubernetes:apps/v1:Deployment engine creating (0s) ",
    " +  kubernetes:apps/v1:Deployment engine creating (0s) Waiting for 0 of 1 Pods",
    " +  kubernetes:apps/v1:Deployment engine creating (3s) Waiting for 0 of 1 Pods",
    " +  kubernetes:apps/v1:Deployment engine created (4s) ",
    "Outputs:",
    "    + cost: 1",
    "    + cost: 1",
  ];
  for (const line of log) print(line);
  expect(printed).toEqual([log[1], log[3], "Outputs:", "    + cost: 1", "    + cost: 1"]);
});
