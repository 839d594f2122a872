import { Command, Option } from "commander";
import { withRequestOptions } from "./plan";
import type { VerifyFlags } from "./verify-run";

const EXAMPLES = `
Examples:
  kubectl logs deploy/vllm | fitserve verify --log - --stack prod
  fitserve verify --log startup.log --request request.yaml --format json
  fitserve verify --metrics http://127.0.0.1:8000/metrics --stack prod
  fitserve verify --log startup.log --stack prod --calibration-row startups.jsonl

Exit codes: 0 compared (whatever the verdicts), 2 invalid options or no line of an engine in what was read,
3 no plan to compare with, or a miss with --fail-on-miss, 5 no answer from the metrics page.`;

export function verifyCommand(): Command {
  return withRequestOptions(new Command("verify"))
    .description("what a started vLLM says of its memory and limits, beside what the plan says")
    .option("--log <file>", "start-up log of the engine; - reads standard input")
    .option("--metrics <url|file>", "metrics page of the engine, or a file that holds one; - reads standard input")
    .addOption(new Option("--format <format>", "how it is printed").choices(["table", "json"]).default("table"))
    .option("--calibration-row <file>", "append the start-up to a file of measured ones (JSON lines)")
    .option("--fail-on-miss", "exit 3 where a figure is not as planned", false)
    .addHelpText("after", EXAMPLES)
    .action(async (flags: VerifyFlags) => {
      const { verify } = await import("./verify-run");
      await verify(flags);
    });
}
