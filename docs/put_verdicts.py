"""Copy the verdict table of docs/claims/index.md between the marks of README.md."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- verdicts: written by make claims -->", "<!-- end of verdicts -->"


def main() -> None:
    index = (ROOT / "docs" / "claims" / "index.md").read_text(encoding="utf-8")
    table = "\n".join(line for line in index.splitlines() if line.startswith("|"))
    table = re.sub(r"\]\((c\w+\.md)\)", r"](docs/claims/\1)", table)
    readme = ROOT / "README.md"
    text = readme.read_text(encoding="utf-8")
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    readme.write_text(f"{head}{BEGIN}\n\n{table}\n\n{END}{tail}", encoding="utf-8")


if __name__ == "__main__":
    main()
