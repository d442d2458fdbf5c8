import { defineConfig } from 'vitest/config';
import { patientMs } from './test/support/patience.ts';

const tlsSuites = ['test/security/p*.test.ts', 'test/gateway/client/**/*.test.ts'];
/** About clear text: its cookie name, its origins, NGINX in front of it, connections that end before a byte. */
const clearSuites = [
  'test/security/p15-*',
  'test/security/p20-*',
  'test/security/p21-*',
  'test/security/p22-*',
  'test/security/p44-*',
  'test/security/p58-*',
  'test/gateway/client/authenticated-answers.test.ts',
  'test/gateway/client/http10.test.ts',
];

export default defineConfig({
  test: {
    // Two workers: the machines that run this have two cores, and most files start a gateway of their own.
    maxWorkers: 2,
    testTimeout: patientMs(15_000),
    hookTimeout: patientMs(30_000),
    teardownTimeout: patientMs(10_000),
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: {
          name: 'fast',
          include: ['test/unit/**/*.test.ts', 'test/contract/**/*.test.ts', 'test/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'full',
          include: ['test/{gateway,security,integration}/**/*.test.ts'],
          globalSetup: ['test/support/ensure-servers.ts'],
          testTimeout: patientMs(30_000),
        },
      },
      {
        extends: true,
        test: {
          // The same suites with clients that come over TLS: what they say of bytes holds on each lane.
          name: 'tls',
          include: tlsSuites,
          exclude: clearSuites,
          env: { PORTCULLIS_TEST_LANE: 'tls' },
          globalSetup: ['test/support/ensure-servers.ts'],
          testTimeout: patientMs(30_000),
        },
      },
    ],
  },
});
