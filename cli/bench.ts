import { Command, Option } from "commander";
import type { BenchFlags } from "./bench/options";
import { withRequestOptions } from "./plan";

const EXAMPLES = `
Examples:
  fitserve bench --url http://127.0.0.1:8000 --concurrency 8 --input-tokens 512 --output-tokens 128
  fitserve bench --url https://llm.example.com --api-key-file key.txt --stack prod --stagger --ignore-eos
  fitserve bench --url http://127.0.0.1:8000 --stack local --calibration-row rows.jsonl --format json
  fitserve bench --url http://gateway.ai --job bench --job-namespace ai --stagger | kubectl create -f -

With --request, --stack or --set the plan gives the load, and its prediction is compared with what is measured.
An API key comes from --api-key-file or FITSERVE_API_KEY, never from the command line. Definitions: docs/bench.md.

Exit codes: 0 measured (whatever the figures), 2 invalid options, 3 no plan to compare with, or a miss with
--fail-on-miss, 5 no answer from the endpoint, 130 interrupted (what was measured so far is printed).`;

export function benchCommand(): Command {
  return withRequestOptions(new Command("bench"))
    .description("closed-loop streaming load on an OpenAI-compatible endpoint, beside what the plan predicts")
    .option("--url <url>", "the endpoint, with or without /v1")
    .addOption(
      new Option("--endpoint <api>", "API that is called, as in vllm bench serve")
        .choices(["completions", "chat"])
        .default("completions"),
    )
    .option("--model <name>", "name in the API (default: the first that /v1/models lists)")
    .option("--concurrency <n>", "requests in flight (default: the plan's, else 8)")
    .option("--num-prompts <n>", "requests in all (default: ten for each client)")
    .option("--input-tokens <n>", "tokens of a prompt (default: the plan's, else 1024)")
    .option("--output-tokens <n>", "most tokens of an answer (default: the plan's, else 128)")
    .option("--spread <share>", "lengths vary evenly by this share to both sides", "0")
    .option("--ignore-eos", "ask for answers of full length (vLLM only)", false)
    .option("--stagger", "start the clients one by one and count the steady state alone", false)
    .option("--warm-up <n>", "requests before the run (default: one for each client, none with --stagger)")
    .option("--seed <n>", "of the prompts (default: another one each time, so that no prefix cache knows them)")
    .option("--timeout <seconds>", "of one request", "600")
    .option("--api-key-file <file>", "file that holds the API key (default: FITSERVE_API_KEY)")
    .option("--ca-file <file>", "PEM of the authority that signed the endpoint's certificate")
    .addOption(new Option("--format <format>", "how it is printed").choices(["table", "json"]).default("table"))
    .option("--output <file>", "write the JSON to a file too")
    .option("--calibration-row <file>", "append the run to a file of measured runs (JSON lines)")
    .option("--fail-on-miss", "exit 3 where a request failed, or is worse than planned or than the limits", false)
    .option("--job <name>", "print a Kubernetes Job that does this from inside the cluster, and send nothing")
    .option("--job-namespace <name>", "namespace of the Job", "default")
    .option("--job-image <image>", "image with Node 20 or newer (default: the public one, by its digest)")
    .option("--job-key-secret <secret/key>", "Secret and its key that hold the API key")
    .addHelpText("after", EXAMPLES)
    .action(async (flags: BenchFlags) => {
      // Loaded when it is run, so that the other commands start no later for it.
      const { job } = flags;
      if (job === undefined) await (await import("./bench/run")).bench(flags);
      else await (await import("./bench/job")).benchJob({ ...flags, job });
    });
}
