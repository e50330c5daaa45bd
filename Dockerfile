# The service as an image: built from source in one stage, alone in the other.

FROM rust:1-slim-bookworm AS builder
# librdkafka and OpenSSL are built from the sources that cargo brings: a C compiler, make and perl are all they want.
RUN apt-get update \
    && apt-get install -y --no-install-recommends build-essential make perl pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/build/target \
    cargo build --release --locked --bin rolestream \
    && install -D target/release/rolestream /out/rolestream

FROM debian:bookworm-slim
# The certificates by which brokers are trusted.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home --home-dir /var/lib/rolestream rolestream \
    && install -d -o rolestream -g rolestream /var/lib/rolestream
COPY --from=builder /out/rolestream /usr/local/bin/rolestream
USER rolestream
WORKDIR /var/lib/rolestream
# A volume made here belongs to the user above, for it takes the owner of the folder that it covers.
VOLUME /var/lib/rolestream
ENV ROLESTREAM__STORE__PATH=/var/lib/rolestream/store \
    ROLESTREAM__SERVICE__ADDRESS=0.0.0.0:9464 \
    ROLESTREAM__HTTP__ADDRESS=0.0.0.0:8080
EXPOSE 8080 9464
STOPSIGNAL SIGTERM
# While it loads what is in the store it is not ready, and that is no failure.
HEALTHCHECK --interval=10s --timeout=5s --start-period=10m --retries=3 CMD ["rolestream", "health"]
ENTRYPOINT ["rolestream"]
CMD ["run"]
