import { describe, expect, it } from 'vitest';
import { HostGate } from '../../../src/admin/host-gate.ts';

const gate = new HostGate(['console.example.org']);

describe('a browser', () => {
  it.each([
    ['console.example.org', '10.0.0.5'],
    ['CONSOLE.example.org:8443', '10.0.0.5'],
    ['console.example.org.', '10.0.0.5'],
    ['localhost:9099', '127.0.0.1'],
    ['127.0.0.1:9099', '127.0.0.1'],
    ['[::1]:9099', '::1'],
    // A tunnel.
    ['localhost:1234', '10.0.0.5'],
    ['10.0.0.5:9099', '10.0.0.5'],
    ['10.0.0.5:9099', '::ffff:10.0.0.5'],
    ['[2001:db8::5]:9099', '2001:db8::5'],
  ])('comes as %s to %s', (host, address) => {
    expect(gate.admits([host], address)).not.toBeNull();
  });

  it.each([
    ['evil.example', '127.0.0.1'],
    ['console.example.org.evil.example', '127.0.0.1'],
    ['localhost.evil.example', '127.0.0.1'],
    // Of another machine: no name leads from there to here.
    ['10.0.0.6:9099', '10.0.0.5'],
    ['', '127.0.0.1'],
    ['127.0.0.1 evil', '127.0.0.1'],
    ['user@localhost', '127.0.0.1'],
  ])('does not come as %s to %s', (host, address) => {
    expect(gate.admits([host], address)).toBeNull();
  });

  it('comes under one name, or under none', () => {
    expect(gate.admits([], '127.0.0.1')).toBeNull();
    expect(gate.admits(['localhost', 'localhost'], '127.0.0.1')).toBeNull();
  });
});
