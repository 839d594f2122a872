/** What a line of `fitserve predict` may say and what comes back; shown by `--help`. */
export const PREDICT_HELP = `
A line is a JSON object; null means not given.
  id                    any text or number, comes back with the answer
  model, modelConfig    a model of the catalog, or the config.json of any
  gpu                   a card, such as H100, L40S, B200
  quantization          bf16, fp8, int8-w8a8, int4-w4a16, mxfp4; else that of the checkpoint
  engine                {"name": "vllm", "version": "0.33.0"}
  tensorParallel, pipelineParallel, gpuMemoryUtilization, maxModelLen, maxNumSeqs,
  maxNumBatchedTokens, kvCacheDtype, enforceEager
                        flags of the engine; its own defaults where not given
  load                  {"concurrency": 50} clients that each wait for their answer, all starting at once, ten
                        requests each; or {"requestRate": 2.5} a second, whatever the engine does
  inputTokens, outputTokens
                        means of a request; a load needs them
  inputTokensP95, outputTokensP95
                        95th percentiles, at most 3.8 times the mean: lengths follow a log-normal distribution.
                        Without them prompts are all alike, and answers too unless their mean is a fraction
  sharedPrefixTokens    start of every prompt that the prefix cache holds, part of inputTokens. Without it a
                        closed loop finds nothing there, and a requestRate is taken for conversations that
                        find half of each prompt, as measured ones did: give 0 for unrelated prompts

An answer has
  memory                GiB of the fullest GPU, addend by addend, and the tokens of its KV cache
  performance           with a load: means over requests, milliseconds and tokens a second; percentiles; ranges
                        that hold the truth about nine times in ten; the saturation point, from which on more
                        requests at once only wait
  notes                 what was assumed or not read
  error                 instead: a code, a message and the fields at fault. The stream goes on; exit status 0`;
