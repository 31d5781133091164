"""`make coverage` after its tests: print the report, and fail where a floor of setup.cfg is not reached.

`fail_under` is the floor of the whole product, and each file that `[floors]` names has one of its own.
"""

import json
import sys
from collections.abc import Mapping
from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path

from coverage import Coverage

CONFIGURATION, REPORT = "setup.cfg", "build/coverage/report.json"


def below(percents: Mapping[str, float], floors: Mapping[str, str]) -> list[str]:
    """What lacks: a sentence for each file below its floor, and for each pattern that no file has."""
    lacking = []
    for floor, patterns in floors.items():
        for pattern in patterns.split():
            files = [name for name in percents if fnmatch(name, pattern)]
            lacking += [f"{name}: {percents[name]:.1f} % of {floor} %" for name in files if percents[name] < int(floor)]
            lacking += [] if files else [f"{pattern}: no such file was measured"]
    return list(dict.fromkeys(lacking))


def main() -> int:
    """Print the report and what lacks; the exit status."""
    settings = ConfigParser()
    settings.read(CONFIGURATION)
    measured = Coverage(config_file=CONFIGURATION)
    measured.load()
    total, least = measured.report(), settings.getint("coverage:report", "fail_under")
    measured.json_report(outfile=REPORT)
    found = json.loads(Path(REPORT).read_text(encoding="utf-8"))["files"]
    percents = {name: one["summary"]["percent_covered"] for name, one in found.items()}
    lacking = [f"the product: {total:.1f} % of {least} %"] if total < least else []
    lacking += below(percents, settings["floors"])
    print("", "Less is covered than has to be:" if lacking else "Every floor is reached.", *lacking, sep="\n")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
