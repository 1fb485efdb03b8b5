"""What "django-admin startproject" writes, without sessions, users and templates, which would only slow it down."""

ALLOWED_HOSTS = ["127.0.0.1"]
SECRET_KEY = "no session is signed with it"  # noqa: S105
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "urls"
