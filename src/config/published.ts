import { createHash } from 'node:crypto';

/**
 * SHA-256 of secrets that anybody can read somewhere: the token secrets of Tyke's example files,
 * and the one that our own documentation uses to show the form.
 */
const secretDigests: ReadonlySet<string> = new Set([
  'ea335dbb0840be0b79504dda9708e6b1d3e92971e5d24c314b891bb8b76803b3',
  'eace9cec8cdca3ec26db3f1d7ab640e6e07673eb4267d281d0293ac6f3bc2632',
  '57aecdbc99564e1bb0ef49fd7f165d8fa09c1a71a463f3f917d06b1abf010658',
]);

/**
 * SHA-256 of published passwords as a configuration holds them: the demo users' plain ones, what
 * people type when they are asked for a password they do not want, and the hashes in the shipped
 * configurations.
 */
const passwordDigests: ReadonlySet<string> = new Set([
  'e6c3da5b206634d7f3f3586d747ffdb36b5c675757b380c6a5fe5c570c714349',
  '1ba3d16e9881959f8c9a9762854f72c6e6321cdd44358a10a4e939033117eab9',
  '5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8',
  '8c6976e5b5410415bde908bd4dee15dfb167a9c873fc4bb8a81f6f2ab448a918',
  '4194d1706ed1f408d5e02d672777019f4d5385c766a8c6ca8acba3167d36a7b9',
  '057ba03d6c44104863dc7361fe4578965d1887360f90a0895882e58a6248fc86',
  '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b',
  '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  '2a97516c354b68848cdbd8f54a226a0a55b21ed138e207ad6c5cbb9c00aa5aea',
  '84983c60f7daadc1cb8698621f802c0d9f9a3c3c295c810748fb048115c186ec',
  '1c8bfe8f801d79745c4631d09fff36c82aa37fc4cce4fc946683d7b336b63032',
  '8d969eef6ecad3c29a3a629280e686cf0c3f5d5a86aff3ca12020c923adc6c92',
  'ef797c8118f02dfb649607dd5d3f8c7623048c9c063d532cc95c5ed7a898a64f',
  '65e84be33532fb784c48129675f9eff3a682b27168c0ea744b2cf58ee02337c5',
  '4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2',
  '74e19dcd5ceecfb9f1579fda3c43a847f3fad01c8606d85caa17242e9bc99f0e',
  '9d9e8a0d3d98af35fd93d8009b3c774227fcb18b1c3930c8d60093894b624321',
  '3f22a4856d92d9ab2b75a23410c5459b61f8078ab7ce879d3b140f42cbfc43bc',
  '3aaedfb7a55ed9f8b151a3e3fd7c8bf8435043b4009f232c4d7a00d7e318fb63',
]);

export function isPublishedSecret(secret: string): boolean {
  return secretDigests.has(digest(secret));
}

export function isPublishedPassword(stored: string): boolean {
  return passwordDigests.has(digest(stored));
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
