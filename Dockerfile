# The pipeline and the server in one image. It runs without privileges and on a read-only file
# system: all that it writes lies in the cache volume and in /tmp.
#
#   docker build -t components .
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#     -v components:/var/cache/atopile/components components apply
#   docker run --read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges \
#     -v components:/var/cache/atopile/components:ro -p 127.0.0.1:8079:8079 components
# The digest of the image's index of platforms, of September 2026 (Python 3.11.16): newer ones need
# a look first. Both stages take the same.
FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b AS build

COPY envs/runtime.txt /build/runtime.txt
RUN python -m venv /opt/venv \
    && /opt/venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check \
        --require-hashes -r /build/runtime.txt

FROM python:3.11-slim-bookworm@sha256:a36c24f9cbdf4fd0f52d67f0823eeac19c2028c637cecc392d97f980d4fec56b

RUN groupadd --gid 10001 components \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp \
        --shell /usr/sbin/nologin components \
    && install -d -o components -g components /var/cache/atopile/components \
    && install -d /opt/components \
    && ln -s /var/cache/atopile/components/.snakemake /opt/components/.snakemake

COPY --from=build /opt/venv /opt/venv
COPY pyproject.toml README.md Snakefile config.yaml /opt/components/
COPY deploy/container /opt/components/deploy/container
COPY envs /opt/components/envs
COPY workflow /opt/components/workflow
COPY zig /opt/components/zig
COPY src /opt/components/src

ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONPATH=/opt/components/src \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    XDG_CACHE_HOME=/tmp/.cache \
    ATOPILE_COMPONENTS_CACHE_DIR=/var/cache/atopile/components

# Snakemake finds the workflow where it runs.
WORKDIR /opt/components
VOLUME /var/cache/atopile/components
USER 10001:10001
EXPOSE 8079

HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "/opt/components/deploy/container/health.py"]
ENTRYPOINT ["/opt/components/deploy/container/entrypoint.sh"]
CMD ["serve", "--configfile", "/opt/components/deploy/container/serve.yaml"]
