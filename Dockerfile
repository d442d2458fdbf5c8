# The gateway as an image: compiled, without development tools of ours, as a user that is not root, for a root file
# system that cannot be written to (/tmp can be: the operators' socket is there).
#
#   docker build -t portcullis .
#   docker run --read-only --tmpfs /tmp -p 127.0.0.1:8081:8081 -e PORTCULLIS_EDGE_ADDRESS=0.0.0.0 portcullis
#
# A configuration of your own: -v ./portcullis.yaml:/etc/portcullis/portcullis.yaml:ro

# Any image with Node, npm and the user 1000 that its node runs as.
ARG BASE=node:26.10.0-slim

FROM ${BASE} AS build
WORKDIR /build
COPY package.json package-lock.json ./
# No script of a package runs: the compiler is one that needs none.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM ${BASE}
WORKDIR /srv/portcullis
COPY --from=build /build/node_modules node_modules
COPY --from=build /build/dist dist
COPY package.json LICENSE README.md SECURITY.md CHANGELOG.md ./
COPY config config
# Where a configuration of your own is mounted; until then the one to try out.
COPY config/portcullis.yaml /etc/portcullis/portcullis.yaml
RUN chmod 755 dist/src/main.js && ln -s /srv/portcullis/dist/src/main.js /usr/local/bin/portcullis
ENV NODE_ENV=production PORTCULLIS_CONFIG=/etc/portcullis/portcullis.yaml
USER 1000:1000
EXPOSE 8081
HEALTHCHECK --interval=10s --timeout=5s --start-period=15s --retries=3 CMD ["portcullis", "health"]
# It drains first.
STOPSIGNAL SIGTERM
ENTRYPOINT ["portcullis"]
CMD ["start"]
