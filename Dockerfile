# The server as an image.
#
#   docker build -t devsanctum .
#
# Around a binary that was built elsewhere, for Debian 12:
#
#   docker build -t devsanctum-runtime --target runtime .
#   printf 'FROM devsanctum-runtime\nCOPY devsanctum /usr/local/bin/\n' | docker build -t devsanctum -f - DIRECTORY
#
# `runtime` comes first, because builders without BuildKit make every stage up to the one they are asked for. For builds
# that repeat, name the bases by digest: --build-arg DEBIAN=debian@sha256:… and so on. Cargo.lock and package-lock.json
# pin the rest.

ARG DEBIAN=debian:bookworm-slim
ARG NODE=node:22-bookworm-slim
ARG RUST=rust:1.95-slim-bookworm

FROM ${DEBIAN} AS runtime
# Certificates: the server speaks to sign-in providers and mail servers over TLS.
RUN apt-get update \
 && apt-get install -y --no-install-recommends ca-certificates \
 && rm -rf /var/lib/apt/lists/* /var/cache/ldconfig/aux-cache /var/log/*
# A number that no other account of a host is likely to have: volumes belong to it. `own` is where Traefik's volume of
# certificates is mounted, see docker-compose.yml.
RUN groupadd --system --gid 7080 devsanctum \
 && useradd --system --uid 7080 --gid 7080 --home-dir /var/lib/devsanctum --shell /usr/sbin/nologin devsanctum \
 && install -d -o devsanctum -g devsanctum -m 0700 /var/lib/devsanctum \
 && install -d -o devsanctum -g devsanctum -m 0755 /var/lib/devsanctum-traefik /var/lib/devsanctum-traefik/own
LABEL org.opencontainers.image.title="DevSanctum" \
      org.opencontainers.image.description="Turns machines with Docker into a developer platform" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV DEVSANCTUM_DATA_DIR=/var/lib/devsanctum
USER devsanctum
WORKDIR /var/lib/devsanctum
VOLUME /var/lib/devsanctum
EXPOSE 7080
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s --retries=3 CMD ["devsanctum", "healthcheck"]
ENTRYPOINT ["devsanctum"]
CMD ["serve"]

FROM ${NODE} AS web
WORKDIR /build/web
COPY web/package.json web/package-lock.json ./
# Not `npm ci`, for the reason that scripts/lib/web.sh gives; the versions are those of the lock file all the same.
RUN PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm install --no-save --no-audit --no-fund
COPY web ./
RUN npm run build

FROM ${RUST} AS build
# The C compiler and library: aws-lc, SQLite and mimalloc are C, and the helper is linked statically.
RUN apt-get update \
 && apt-get install -y --no-install-recommends cmake g++ libc6-dev make pkg-config \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
# Dependencies are a layer of their own: they are compiled again when Cargo.lock changes, not with every line of ours.
COPY Cargo.toml Cargo.lock build.rs ./
COPY helper helper
COPY migrations migrations
RUN mkdir -p src tests/integration \
 && echo 'fn main() {}' >src/main.rs \
 && touch src/lib.rs \
 && echo 'fn main() {}' >tests/integration/main.rs \
 && cargo build --release --locked \
 && rm -r src
COPY src src
COPY catalog catalog
COPY --from=web /build/web/dist web/dist
# Cargo looks at times, and those of the copied files may be older than what was just compiled.
RUN find src -name '*.rs' -exec touch {} + \
 && cargo build --release --locked --bin devsanctum

FROM runtime AS final
# Given last, so that a new revision leaves the layers above alone.
COPY --from=build /build/target/release/devsanctum /usr/local/bin/devsanctum
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
