"""A small NAS service as people write it with Django: accounts in PostgreSQL, bearer tokens in a table, middleware, an
audit row for each change in the same transaction.

    gunicorn django_peer:application      PEER_DATABASE (host), PEER_TOKEN; run once with "init" to make the tables
"""
import json
import os
import re
import sys

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.configure(
    SECRET_KEY="not-a-secret", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, USE_TZ=True, DEBUG=False,
    LOGGING={"version": 1, "handlers": {"log": {"class": "logging.StreamHandler"}}, "root": {"handlers": ["log"], "level": "ERROR"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware",
                "django.middleware.clickjacking.XFrameOptionsMiddleware"],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "HOST": os.environ["PEER_DATABASE"], "USER": "postgres",
                           "NAME": "peer", "CONN_MAX_AGE": 600}})
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.http import JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402


class Token(models.Model):
    key = models.CharField(max_length=80, primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE)

    class Meta:
        app_label = "peer"


class Audit(models.Model):
    at = models.DateTimeField(auto_now_add=True)
    who = models.CharField(max_length=150)
    what = models.CharField(max_length=150)
    detail = models.TextField()

    class Meta:
        app_label = "peer"


def problem(status, detail):
    return JsonResponse({"detail": detail}, status=status)


def admin(view):
    def checked(request, **words):
        proof = request.headers.get("Authorization", "")
        token = Token.objects.select_related("user").filter(key=proof[7:]).first()
        if token is None:
            return problem(401, "Sign in first.")
        if not token.user.is_superuser:
            return problem(403, "This needs the role admin.")
        request.user = token.user
        return view(request, **words)
    return checked


def as_json(user):
    return {"id": user.id, "username": user.username, "full_name": user.first_name, "role": "admin" if user.is_superuser else "user",
            "enabled": user.is_active, "shell": False, "totp": False, "groups": [], "created": user.date_joined}


@admin
def get_user(request, username):
    user = User.objects.filter(username=username).first()
    return JsonResponse(as_json(user)) if user else problem(404, "There is no such account.")


@admin
def create_user(request):
    wish = json.loads(request.body)
    if not re.fullmatch(r"[a-z_][a-z0-9_-]{0,30}", wish.get("username", "")):
        return problem(422, "That is no name.")
    with transaction.atomic():
        user = User.objects.create(username=wish["username"])
        Audit.objects.create(who=request.user.username, what="create", detail=json.dumps(wish))
    return JsonResponse(as_json(user))


urlpatterns = [path("api/users/<str:username>", get_user), path("api/users", create_user)]
application = get_wsgi_application()


def init():
    from django.core.management import call_command
    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Token)
        editor.create_model(Audit)
    boss = User.objects.create(username="boss", is_superuser=True)
    Token.objects.create(key=os.environ["PEER_TOKEN"], user=boss)
    for number in range(8):
        User.objects.create(username=f"user{number}")


if __name__ == "__main__" and sys.argv[1:] == ["init"]:
    init()
