import { execFileSync } from 'node:child_process';

/**
 * Hashes of a password by everything that Django 3.2 knows, at its own costs, made by Debian's
 * Django itself. Scrypt came later: its two forms are put together from Python's hashlib.
 */
const program = `
import base64, hashlib, json, sys
from django.conf import settings
names = ['PBKDF2', 'PBKDF2SHA1', 'Argon2', 'BCryptSHA256', 'BCrypt', 'MD5', 'SHA1',
         'UnsaltedMD5', 'UnsaltedSHA1', 'Crypt']
settings.configure(PASSWORD_HASHERS=[
    'django.contrib.auth.hashers.%sPasswordHasher' % name for name in names])
from django.contrib.auth import hashers
password = sys.stdin.read()
made = {}
for hasher in hashers.get_hashers():
    made[hasher.algorithm] = hashers.make_password(password, hasher=hasher.algorithm)
for parallelism in (1, 5):
    key = hashlib.scrypt(password.encode(), salt=b'abcdefghijkl', n=16384, r=8, p=parallelism,
                         dklen=64, maxmem=64 * 1024 * 1024)
    text = base64.b64encode(key).decode()
    made['scrypt_%d' % parallelism] = 'scrypt$16384$abcdefghijkl$8$%d$%s' % (parallelism, text)
made['unusable'] = hashers.make_password(None)
print(json.dumps(made))
`;

/** By the name of the algorithm; `unusable` is what Django writes for nobody's password. */
export function djangoHashes(password: string): ReadonlyMap<string, string> {
  const text = execFileSync('/usr/bin/python3', ['-c', program], {
    input: password,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const made: unknown = JSON.parse(text);
  if (typeof made !== 'object' || made === null) throw new Error(text);
  return new Map(Object.entries(made).map(([name, hash]) => [name, String(hash)]));
}
