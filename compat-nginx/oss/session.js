// Sessions from sessions.json: { "<token>": { "identity": "user1:physician:group1", "expires": 1999999999 } }, the end in
// seconds of the epoch. Runs on njs 0.7.8 and newer.

/** Name and value of each cookie, blanks around them left out. */
function cookiesOf(r) {
    const field = r.headersIn.Cookie;
    if (!field) {
        return [];
    }
    return field.split(';').map((pair) => {
        const at = pair.indexOf('=');
        return { name: pair.slice(0, at < 0 ? 0 : at).trim(), pair: pair.trim(), value: pair.slice(at + 1).trim() };
    });
}

/** Empty for nobody: no cookie, two of them, an unknown token, a session that is over. */
function identity(r) {
    const name = r.variables.session_cookie_name;
    const own = cookiesOf(r).filter((cookie) => cookie.name === name);
    if (own.length !== 1 || !Object.prototype.hasOwnProperty.call(sessions, own[0].value)) {
        return '';
    }
    const session = sessions[own[0].value];
    return session.expires * 1000 > Date.now() ? session.identity : '';
}

/** What the application gets: its own cookies. */
function otherCookies(r) {
    const name = r.variables.session_cookie_name;
    return cookiesOf(r)
        .filter((cookie) => cookie.name !== name)
        .map((cookie) => cookie.pair)
        .join('; ');
}

export default { identity, otherCookies };
