"""Makes config/prices.yaml of a table that `triage prices import` wrote: the comment on top, sources, hosts, capabilities.

    python3 tools/prices/finish_table.py prices.yaml config/prices.yaml
"""

import json
import re
import sys

from select_models import HOSTS

HEAD = """\
# List prices of models, in USD per million tokens, for deployments without a `price` of their own. This table is built into
# the program; `prices: {file: ...}` in the configuration uses another one instead. docs/prices.md has the rules.
#
# As of the date below, read from LiteLLM's table (BerriAI/litellm 1.110.2, MIT licence), which follows the providers' pages
# named in `source`. Prices change over time and differ by discount and region: compare with your bill. A model of hosts is
# listed under each host's name; OpenRouter's prices are the makers', as it says. tools/prices makes this file.

"""
# LiteLLM's table does not say who gives log-probabilities: the providers' references do.
LOGPROBS = re.compile(r"^(gpt-4o|gpt-4o-mini|gpt-4\.1|gpt-4\.1-mini|deepseek-.*|grok-.*)$")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        lines = file.read().split("\n")
    out = [HEAD + next(line for line in lines if line.startswith("date:")), "providers:"]
    for name, (source, hosts) in HOSTS.items():
        out.append(f"  {name}: {{source: {json.dumps(source)}, hosts: {json.dumps(hosts)}}}")
    out.append("models:")
    before = None
    for line in lines[lines.index("models:") + 1:]:
        if not line:
            continue
        name = json.loads(line.strip().split(": {")[0]) if line.startswith('  "') else line.strip().split(":")[0]
        seller = re.search(r"provider: ([a-z_]+)", line).group(1)
        if seller != before:
            out.append("")
        before = seller
        if LOGPROBS.match(name) and "logprobs" not in line:
            line = re.sub(r"capabilities: \[([^]]*)\]", r"capabilities: [\1, logprobs]", line)
        out.append(line)
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
