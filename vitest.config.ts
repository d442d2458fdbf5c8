import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { suitesOf } from './test/support/lane-suites.ts';
import { patientMs } from './test/support/patience.ts';

/**
 * Suites that start processes get a second try, each said in the report: what a machine with other work does to one
 * look in ten thousand must not hide what it does to none. What fails twice has failed.
 */
const secondTry = 1;

export default defineConfig({
  test: {
    // Three workers on two cores: most files start a gateway of their own, and wait for it and for time limits.
    maxWorkers: 3,
    testTimeout: patientMs(15_000),
    hookTimeout: patientMs(30_000),
    teardownTimeout: patientMs(10_000),
    reporters: ['default'],
    // Some thousand gateways are started: what Node makes of their sources it makes once.
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'portcullis-test-compile-cache') },
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: [
            'test/unit/**/*.test.ts',
            'test/contract/**/*.test.ts',
            'test/docs/*.test.ts',
            'test/*.test.ts',
          ],
          globalSetup: ['test/support/ensure-tools.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'full',
          include: ['test/{gateway,security,integration,browser}/**/*.test.ts'],
          globalSetup: ['test/support/ensure-servers.ts'],
          testTimeout: patientMs(30_000),
          retry: secondTry,
        },
      },
      {
        extends: true,
        test: {
          // Not part of `npm test`, for they take minutes: faults of stores and nodes, the model of the protocol, the
          // package on two versions of Node, and the commands of the documents.
          name: 'faults',
          include: ['test/{faults,model,packaging,docs/run}/**/*.test.ts'],
          globalSetup: ['test/support/ensure-servers.ts'],
          testTimeout: patientMs(30_000),
          retry: secondTry,
        },
      },
      {
        extends: true,
        test: {
          // Tyke's rows once more, with clients that come through the NGINX of compat-nginx/oss.
          name: 'nginx',
          include: ['test/integration/{tyke-rows,directory-rows,ldap-and-token-rows}.test.ts'],
          env: { PORTCULLIS_TEST_FRONT: 'nginx' },
          globalSetup: ['test/support/ensure-servers.ts'],
          testTimeout: patientMs(30_000),
          retry: secondTry,
        },
      },
      {
        extends: true,
        test: {
          // And with clients on HTTP/2.
          name: 'http2',
          include: suitesOf.http2,
          env: { PORTCULLIS_TEST_LANE: 'http2' },
          globalSetup: ['test/support/ensure-servers.ts', 'test/support/lane-certificate.ts'],
          testTimeout: patientMs(30_000),
          retry: secondTry,
        },
      },
      {
        extends: true,
        test: {
          // The same suites with clients that come over TLS: what they say of bytes holds on each lane.
          name: 'tls',
          include: suitesOf.tls,
          env: { PORTCULLIS_TEST_LANE: 'tls' },
          globalSetup: ['test/support/ensure-servers.ts', 'test/support/lane-certificate.ts'],
          testTimeout: patientMs(30_000),
          retry: secondTry,
        },
      },
    ],
  },
});
