/**
 * What one read takes at most: 64 KiB, the size that uploads, downloads and many a server's writes come in, and the head
 * that goes before it. Octets.
 */
export const READ_BYTES_MAX = 65_536 + 8192;
