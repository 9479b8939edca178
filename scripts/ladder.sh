#!/usr/bin/env bash
# Climbs from the recipe to the best configuration, one technique a rung; see docs/ladder.md.
# Stop it whenever you like; the same command goes on.
exec python3 "$(dirname "${BASH_SOURCE[0]}")/ladder.py" "$@"
