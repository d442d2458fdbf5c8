import { testDjangoDirectory } from '../contract/django-directory.ts';

testDjangoDirectory('postgresql');
