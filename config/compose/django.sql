-- What a login reads of Django's tables, and two people for trying out: pass-of-grace (staff) and pass-of-alan.
CREATE TABLE auth_user (
  id int AUTO_INCREMENT PRIMARY KEY, password varchar(128) NOT NULL, last_login datetime(6) NULL,
  is_superuser bool NOT NULL, username varchar(150) NOT NULL UNIQUE,
  first_name varchar(150) NOT NULL, last_name varchar(150) NOT NULL, email varchar(254) NOT NULL,
  is_staff bool NOT NULL, is_active bool NOT NULL, date_joined datetime(6) NOT NULL
);
CREATE TABLE auth_group (id int AUTO_INCREMENT PRIMARY KEY, name varchar(150) NOT NULL UNIQUE);
CREATE TABLE auth_user_groups (
  id int AUTO_INCREMENT PRIMARY KEY, user_id int NOT NULL REFERENCES auth_user (id),
  group_id int NOT NULL REFERENCES auth_group (id), UNIQUE (user_id, group_id)
);
INSERT INTO auth_user (username, password, is_superuser, first_name, last_name, email, is_staff, is_active, date_joined) VALUES
  ('grace', 'pbkdf2_sha256$600000$saltofgrace1$43WHD1C5o/xY2UkQlFVQurX4bLKGBMaEehjzIdw3yyA=', false, '', '', '', true, true, '2026-01-01 00:00:00'),
  ('alan', 'pbkdf2_sha256$600000$saltofalan12$bZbGo8xJB3XytCOtQ8+arqfZRrK1t3vEsumYxzYV/FQ=', false, '', '', '', false, true, '2026-01-01 00:00:00');
INSERT INTO auth_group (name) VALUES ('crew');
INSERT INTO auth_user_groups (user_id, group_id) SELECT u.id, g.id FROM auth_user u, auth_group g WHERE u.username = 'alan';
