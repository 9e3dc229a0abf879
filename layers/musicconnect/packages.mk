# How packages come into an artifact; shared by the layer and the functions.

# $(call install,<requirements.txt>,<folder>): the pinned wheels for Lambda's machine (Amazon Linux 2023, glibc
# 2.34, x86-64), whatever machine builds.
platforms := $(foreach glibc,2_34 2_31 2_28 2_27 2_26 2_24 2_17 2_12 2_5,--platform manylinux_$(glibc)_x86_64) \
  --platform manylinux2014_x86_64
install = $(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --no-compile \
  --only-binary :all: --implementation cp --python-version 3.13 $(platforms) --target "$2" -r "$1"

# $(call compile,<folder>): leave out what the runtime has no use for, then write .pyc files that are never
# compared with their sources. Without them a function starts three times as slowly. All times are the same, so
# that the same sources give the same archive.
compile = find "$1" -type d \( -name __pycache__ -o -name tests -o -path "$1/bin" \) -prune -exec rm -rf {} + \
  && find "$1" \( -name '*.pyi' -o -name '*.js.map' -o -name '*.css.map' \) -delete \
  && $(PYTHON) -m compileall -q -j 2 --invalidation-mode unchecked-hash -s "$1" "$1" \
  && find "$1" -exec touch -h -d 2020-01-01T00:00:00Z {} +
