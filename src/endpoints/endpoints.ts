import type { EndpointName } from '../config/route.ts';
import { CredentialsCheck } from './credentials-check.ts';
import { Echo } from './echo.ts';
import type { Endpoint } from './endpoint.ts';
import type { EndpointParts } from './endpoint-parts.ts';
import { Escalate } from './escalate.ts';
import { Jwks } from './jwks.ts';
import { IdentityField } from './identity-field.ts';
import { LoginPage } from './login-page.ts';
import { Login } from './login.ts';
import { LogoutUser } from './logout-user.ts';
import { Logout } from './logout.ts';
import { Return } from './return.ts';
import { SessionForms } from './session-forms.ts';
import { SessionEndpoint } from './session.ts';
import { SessionsEndpoint } from './sessions.ts';
import { StaffDoor } from './staff-door.ts';
import { StaffRule } from './staff-rule.ts';
import { UnknownPath } from './unknown-path.ts';
import { Validate } from './validate.ts';

/** Every endpoint that a route may name. */
export function createEndpoints(parts: EndpointParts): ReadonlyMap<EndpointName, Endpoint> {
  const identity = new IdentityField(parts.config.identity, parts.answers.mode);
  const staff = new StaffRule(parts.config.staff);
  const unknownPath = new UnknownPath(parts, identity, staff);
  const forms = new SessionForms(parts.forms);
  const door = new StaffDoor(parts, identity, staff, forms, unknownPath);
  const check = new CredentialsCheck(parts);
  const login = new Login(parts, identity, check, unknownPath);
  return new Map<EndpointName, Endpoint>([
    ['login', login],
    ['loginPage', new LoginPage(parts, login, unknownPath)],
    ['logout', new Logout(parts, identity, unknownPath)],
    ['session', new SessionEndpoint(parts, identity, unknownPath)],
    ['validate', new Validate(parts, identity)],
    ['escalate', new Escalate(parts, identity, check, door, staff, forms)],
    ['logoutUser', new LogoutUser(parts, door, staff)],
    ['return', new Return(parts, forms, unknownPath)],
    ['sessions', new SessionsEndpoint(parts, forms, unknownPath)],
    ['echo', new Echo()],
    ['unknownPath', unknownPath],
    ['jwks', new Jwks(parts.publicKeys)],
  ]);
}
