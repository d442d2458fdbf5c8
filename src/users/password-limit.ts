/** For whoever answers a login and must tell an impossible password from a wrong one. */
export { passwordBytesMax } from '../passwords/password.ts';
