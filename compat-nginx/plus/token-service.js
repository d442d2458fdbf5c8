// A token service for trying out: a signed token (HS256) of ten minutes for whatever key asks.

const crypto = require('crypto');

const lifeSeconds = 600;

function encoded(value) {
    return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function sign(r) {
    const secret = process.env.TOKEN_SIGNING_KEY;
    const subject = r.headersIn['X-Userinfo'];
    // Without a key anybody could sign.
    if (!secret || secret.length < 32) {
        r.error('TOKEN_SIGNING_KEY needs at least 32 characters');
        r.return(500);
        return;
    }
    if (!subject) {
        r.return(403);
        return;
    }
    const now = Math.floor(Date.now() / 1000);
    const claims = { iss: 'tokens', sub: subject, iat: now, exp: now + lifeSeconds };
    const text = `${encoded({ typ: 'JWT', alg: 'HS256' })}.${encoded(claims)}`;
    const signature = crypto.createHmac('sha256', secret).update(text).digest('base64url');
    r.headersOut['Cache-Control'] = 'no-store';
    r.return(200, `${text}.${signature}`);
}

export default { sign };
