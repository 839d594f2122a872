"""Lists of `vllm serve` arguments before vLLM's own parser and engine configuration, without a GPU.

Reads one JSON object a line ({id, args, config, gpus}) and writes one a line: {id, refused?, warnings}. The import takes
about 15 seconds, each list milliseconds. The cards are pretended to be there as far as their number goes; what a kind of
card refuses (a quantization below a compute capability) is not judged here.
"""

import json
import logging
import os
import sys
import tempfile
import traceback

os.environ.update(
    HF_HUB_OFFLINE="1",
    TRANSFORMERS_OFFLINE="1",
    VLLM_NO_USAGE_STATS="1",
    DO_NOT_TRACK="1",
    VLLM_LOGGING_LEVEL="WARNING",
)
# The answers go where standard output was; whatever else the imports print goes to standard error.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import vllm.platforms  # noqa: E402
from vllm.platforms.cpu import CpuPlatform  # noqa: E402


class PretendedCards(CpuPlatform):
    """A machine without cards, since the kernels do not load without a driver; it has as many as the case says."""

    supported_quantization: list[str] = []
    count = 0

    @classmethod
    def device_count(cls) -> int:
        return cls.count


vllm.platforms.current_platform = PretendedCards()

from vllm.config.reasoning import ReasoningConfig  # noqa: E402
from vllm.engine.arg_utils import AsyncEngineArgs  # noqa: E402
from vllm.entrypoints.cli.serve import ServeSubcommand  # noqa: E402
from vllm.entrypoints.common.cli_args import validate_api_server_args, validate_parsed_serve_args  # noqa: E402
from vllm.model_executor.models import registry  # noqa: E402
from vllm.usage.usage_lib import UsageContext  # noqa: E402
from vllm.utils.argparse_utils import FlexibleArgumentParser  # noqa: E402

# The marks of reasoning are looked up in the tokenizer, which comes with the weights.
ReasoningConfig.initialize_token_ids = lambda self, *arguments, **options: None

# A process of its own would not know of the pretended cards, and takes 15 seconds for each architecture.
registry._run_in_subprocess = lambda inspect: inspect()


class Refused(Exception):
    """The parser's own message, which argparse would print before it ends the process."""


class Parser(FlexibleArgumentParser):
    def error(self, message: str):
        raise Refused(message)


WARNINGS: list[str] = []
HANDLE = logging.Logger.handle


def handle(logger: logging.Logger, record: logging.LogRecord) -> None:
    """Keeps what vLLM says against a combination that it takes all the same; its own handlers change with the arguments."""
    if record.levelno >= logging.WARNING and logger.name.startswith("vllm"):
        WARNINGS.append(record.getMessage())
    HANDLE(logger, record)


logging.Logger.handle = handle


def serve_parser() -> Parser:
    root = Parser()
    commands = root.add_subparsers(dest="subparser", parser_class=Parser)
    ServeSubcommand().subparser_init(commands)
    return root


def judge(parser: Parser, case: dict) -> None:
    """Raises what vLLM raises."""
    PretendedCards.count = case["gpus"]
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "config.json"), "w") as config:
            json.dump(case["config"], config)
        # The model is a folder with its config.json, so that nothing is fetched.
        args = parser.parse_args(["serve", folder, *case["args"][1:]])
        args.model = args.model_tag
        validate_parsed_serve_args(args)
        validate_api_server_args(args)
        AsyncEngineArgs.from_cli_args(args).create_engine_config(usage_context=UsageContext.OPENAI_API_SERVER)


def main() -> None:
    parser = serve_parser()
    for line in sys.stdin:
        case = json.loads(line)
        WARNINGS.clear()
        answer: dict = {"id": case["id"]}
        try:
            judge(parser, case)
        except (Exception, SystemExit) as error:
            answer["refused"] = f"{type(error).__name__}: {error}"
            if os.environ.get("FITSERVE_DEBUG"):
                traceback.print_exc()
        answer["warnings"] = list(WARNINGS)
        print(json.dumps(answer), file=ANSWERS, flush=True)


main()
