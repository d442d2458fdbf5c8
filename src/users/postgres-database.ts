import { isIP } from 'node:net';
import { Pool } from 'pg';
import type { PoolClient, PoolConfig } from 'pg';
import type { DjangoDirectoryConfig } from '../config/django-directory.ts';
import { settleWithin } from '../lib/settle-within.ts';
import type { Database, DatabaseRow, Dialect } from './database.ts';

const idleTimeoutMs = 60_000;
const closeTimeoutMs = 1_000;

const dialect: Dialect = {
  quote: (name) => `"${name}"`,
  parameter: (index) => `$${index}`,
};

export class PostgresDatabase implements Database {
  readonly dialect = dialect;
  readonly #pool: Pool;
  readonly #connectTimeoutMs: number;
  readonly #queryTimeoutMs: number;

  constructor(config: DjangoDirectoryConfig) {
    this.#pool = new Pool(poolConfig(config));
    this.#connectTimeoutMs = config.connectTimeoutMs;
    this.#queryTimeoutMs = config.queryTimeoutMs;
    // An idle connection that breaks is replaced by the next query, which says what is wrong.
    this.#pool.on('error', () => {});
  }

  async query(statement: string, parameters: readonly string[]): Promise<readonly DatabaseRow[]> {
    const client = await this.#connect();
    try {
      const answer = client.query<DatabaseRow>({ text: statement, values: [...parameters] });
      const { rows } = await settleWithin(answer, this.#queryTimeoutMs);
      client.release();
      return rows;
    } catch (error) {
      // Whatever it still says belongs to this query; nobody else may read it.
      client.release(true);
      throw error;
    }
  }

  async close(): Promise<void> {
    // A frozen server says no goodbye.
    await settleWithin(this.#pool.end(), closeTimeoutMs).catch(() => {});
  }

  async #connect(): Promise<PoolClient> {
    const connecting = this.#pool.connect();
    try {
      return await settleWithin(connecting, this.#connectTimeoutMs);
    } catch (error) {
      connecting.then(
        (client) => client.release(),
        () => {},
      );
      throw error;
    }
  }
}

function poolConfig(config: DjangoDirectoryConfig): PoolConfig {
  const { address, tls } = config;
  // An address that is a number is no name to ask for.
  const serverName = tls.serverName ?? (isIP(address.host) === 0 ? address.host : null);
  // Everything is named: for what is not, the driver looks into the environment.
  return {
    host: address.host,
    port: address.port,
    user: config.username,
    password: config.password.reveal(),
    database: config.database,
    application_name: 'portcullis',
    max: config.connectionsMax,
    idleTimeoutMillis: idleTimeoutMs,
    connectionTimeoutMillis: config.connectTimeoutMs,
    allowExitOnIdle: true,
    ssl:
      tls.mode === 'off'
        ? false
        : {
            minVersion: 'TLSv1.2',
            rejectUnauthorized: true,
            ...(serverName === null ? {} : { servername: serverName }),
            ...(tls.ca === null ? {} : { ca: tls.ca }),
          },
  };
}
