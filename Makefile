# Every target hands over to run.py, so that `make test` and `python3 run.py test` are the same thing.
# PY names the Python that makes .venv (3.11 or newer); ARGS goes on to the program: make test ARGS="-k claim"
PY   ?= python3
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help run test check bench fuzz lock setup

help run test check bench fuzz lock setup:
	@command -v $(PY) >/dev/null || { echo "Python 3.11 or newer is needed, and $(PY) is not on this machine." >&2; exit 1; }
	@$(PY) run.py $@ $(ARGS)
