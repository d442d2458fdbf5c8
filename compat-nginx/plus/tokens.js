// The proxies' part in njs (0.7.9 and newer): the key of a request, and whether it has a token or may get one.

/** A cached value that is shorter blocks its key; "0" is what one writes for that. */
const tokenLengthMin = 10;
const tokenLengthMax = 4096;

/** `:` parts the key, so no part may hold one; nor what would not survive a header or a JSON file. */
function escaped(part) {
    return (part || '').replace(/[^!-$&-9;-~]/g, (sign) => encodeURIComponent(sign));
}

/** Remote-User : client address : User-Agent */
function key(r) {
    const fields = r.headersIn;
    return [fields['Remote-User'], fields['X-Forwarded-For'], fields['User-Agent']]
        .map((part) => escaped(part))
        .join(':');
}

/** A signed token says until when it is good; of another one nobody knows. */
function isFresh(token) {
    const parts = token.split('.');
    if (parts.length !== 3) {
        return true;
    }
    try {
        const claims = JSON.parse(Buffer.from(parts[1], 'base64url').toString());
        return claims.exp === undefined || claims.exp > Date.now() / 1000;
    } catch (error) {
        return false;
    }
}

function isToken(text) {
    return (
        text.length >= tokenLengthMin &&
        text.length <= tokenLengthMax &&
        /^[!-~]+$/.test(text) &&
        isFresh(text)
    );
}

/** The answer to auth_request: 204 lets the request pass, with $token. Nothing but a token is ever kept. */
async function check(r) {
    const user = r.headersIn['Remote-User'];
    if (!user || user.length < 2) {
        r.return(403);
        return;
    }
    const cached = r.variables.token;
    if (cached) {
        r.return(cached.length < tokenLengthMin ? 403 : 204);
        return;
    }
    const reply = await r.subrequest('/token-service');
    if (reply.status === 401 || reply.status === 403) {
        // auth_request passes on what an upstream said, not what a script did.
        r.variables.token_challenge = reply.headersOut['WWW-Authenticate'] || '';
        r.return(reply.status);
        return;
    }
    const token = reply.status === 200 ? (reply.responseText || '').trim() : '';
    if (!isToken(token)) {
        r.error(`the token service answered ${reply.status} without a token`);
        r.return(500);
        return;
    }
    r.variables.token = token;
    r.return(204);
}

export default { check, key };
