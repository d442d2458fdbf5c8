import { connect } from 'node:net';
import { createPool } from 'mysql2/promise';
import type { Pool, PoolConnection, PoolOptions, RowDataPacket } from 'mysql2/promise';
import type { DjangoDirectoryConfig } from '../config/django-directory.ts';
import { settleWithin } from '../lib/settle-within.ts';
import type { Database, DatabaseRow, Dialect } from './database.ts';

const idleTimeoutMs = 60_000;
const closeTimeoutMs = 1_000;

const dialect: Dialect = {
  quote: (name) => `\`${name}\``,
  parameter: () => '?',
};

/** MySQL or MariaDB. */
export class MysqlDatabase implements Database {
  readonly dialect = dialect;
  readonly #pool: Pool;
  readonly #connectTimeoutMs: number;
  readonly #queryTimeoutMs: number;

  constructor(config: DjangoDirectoryConfig) {
    this.#pool = createPool(poolOptions(config));
    this.#connectTimeoutMs = config.connectTimeoutMs;
    this.#queryTimeoutMs = config.queryTimeoutMs;
  }

  async query(statement: string, parameters: readonly string[]): Promise<readonly DatabaseRow[]> {
    const connection = await this.#connect();
    try {
      // Prepared by the server: no text of ours holds what somebody typed, whatever its SQL mode.
      const answer = connection.execute<RowDataPacket[]>(statement, [...parameters]);
      const [rows] = await settleWithin(answer, this.#queryTimeoutMs);
      connection.release();
      return rows;
    } catch (error) {
      // Whatever it still says belongs to this query; nobody else may read it.
      connection.destroy();
      throw error;
    }
  }

  async close(): Promise<void> {
    // A frozen server says no goodbye.
    await settleWithin(this.#pool.end(), closeTimeoutMs).catch(() => {});
  }

  async #connect(): Promise<PoolConnection> {
    const connecting = this.#pool.getConnection();
    try {
      return await settleWithin(connecting, this.#connectTimeoutMs);
    } catch (error) {
      connecting.then(
        (connection) => connection.release(),
        () => {},
      );
      throw error;
    }
  }
}

function poolOptions(config: DjangoDirectoryConfig): PoolOptions {
  const { address, tls } = config;
  const { serverName } = tls;
  return {
    host: serverName ?? address.host,
    port: address.port,
    // The driver holds the certificate against the host that it was told, and has no other way to
    // tell it apart from the address.
    ...(serverName === null
      ? {}
      : { stream: () => connect({ host: address.host, port: address.port, noDelay: true }) }),
    user: config.username,
    password: config.password.reveal(),
    database: config.database,
    charset: 'utf8mb4',
    // Neither several statements in one nor files of ours for a server that asks for them.
    multipleStatements: false,
    flags: ['-LOCAL_FILES'],
    connectionLimit: config.connectionsMax,
    maxIdle: config.connectionsMax,
    idleTimeout: idleTimeoutMs,
    connectTimeout: config.connectTimeoutMs,
    ...(tls.mode === 'off'
      ? {}
      : {
          ssl: {
            minVersion: 'TLSv1.2' as const,
            rejectUnauthorized: true,
            verifyIdentity: true,
            ...(tls.ca === null ? {} : { ca: tls.ca }),
          },
        }),
  };
}
