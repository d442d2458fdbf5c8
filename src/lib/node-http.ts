/**
 * `node:http` for what is loaded at the start. An `import` of it reads all its exports, among them `WebSocket`, and with
 * that Node loads its own client for HTTP: 15 MiB, of which nothing is used here.
 */
export const nodeHttp = process.getBuiltinModule('node:http');
