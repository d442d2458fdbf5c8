import { describe, expect, it } from 'vitest';
import { documents } from '../support/document.ts';

const all = documents();
const guides = all.filter(({ path }) => /^docs\/from-.*\.md$/.test(path));

describe.each(guides)('the guide $path', ({ configurations, text }) => {
  it('shows what there was before, and what is there afterwards', () => {
    const before = text.indexOf('\n## Before\n');
    const after = text.indexOf('\n## After');
    expect(before).toBeGreaterThan(0);
    expect(after).toBeGreaterThan(before);
    expect(text.slice(before, after)).toContain('```');
    expect(text.slice(after).split('# portcullis.yaml\n').length - 1).toBe(configurations.length);
    expect(configurations.length).toBeGreaterThan(0);
  });
});

describe('the documents', () => {
  it('there is one for each task, with a configuration where it needs one', () => {
    const configured = all.filter((one) => one.configurations.length > 0).map(({ path }) => path);
    const tasks = ['before-an-app', 'django', 'hardening', 'ldap', 'redis', 'tls', 'websockets'];
    const migrations = ['from-multinode-tokens', 'from-oauth2-proxy', 'from-tyke'];
    for (const task of [...tasks, ...migrations]) {
      expect(configured).toContain(`docs/${task}.md`);
    }
    const others = [
      'comparison',
      'configuration',
      'containers',
      'operations',
      'sidecar',
      'upgrading',
    ];
    for (const other of others) {
      expect(all.map(({ path }) => path)).toContain(`docs/${other}.md`);
    }
  });
});
