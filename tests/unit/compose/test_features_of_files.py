"""What belongs to a file as a whole: variables, anchors, overrides, ``extends``, ``include``, names."""

from __future__ import annotations

import pytest
from tests.support.compose_features import Feature
from tests.support.compose_import import calls_of, import_text

FEATURES = [
    Feature(
        "variables with and without defaults",
        """
        environment:
          LEVEL: ${LEVEL:-info}
          PLAIN: $PLAIN
          MODE: ${MODE-fast}
          NEEDED: ${NEEDED:?tell where it is}
          BOTH: ${LEVEL}/${MODE-fast}
        """,
        (
            'app.add_parameter("level", "info")',
            'app.add_parameter("plain")',
            'app.add_parameter("needed", description="tell where it is")',
            'ref("{level}/{mode}", level=level, mode=mode)',
        ),
        {"/${PLAIN}": "here it is asked for", "/${LEVEL}": "has a default in one place and none in another"},
    ),
    Feature(
        "variables with values in .env",
        "environment: {LEVEL: '${LEVEL:-info}', TOKEN: '${API_TOKEN}'}",
        ('app.add_parameter("level", "debug")', 'app.add_parameter("api-token", secret=True)'),
        {"/${API_TOKEN}": "not written into the app file"},
        env="LEVEL=debug\nAPI_TOKEN=abc123\n",
        without=("abc123",),
    ),
    Feature(
        "a variable that the definition has to know",
        """
        image: example/web:${TAG:-latest}
        environment: {VERSION: "${TAG:-latest}"}
        """,
        ('TAG = "latest"', 'app.add_container("web", f"example/web:{TAG}")', 'with_environment("VERSION", TAG)'),
    ),
    Feature(
        "a variable for a port",
        'ports: ["${PORT:-8080}:80", "${ADMIN_PORT:-81}:81/tcp", "127.0.0.1:${DB_PORT:-5432}:5432"]',
        ('PORT = "8080"', "port=int(PORT), target_port=80", "port=int(ADMIN_PORT)", "port=5432, target_port=5432"),
        {"/${DB_PORT}": "its value is written out"},
    ),
    Feature(
        "alternatives, defaults of defaults, and dollars",
        """
        environment:
          A: ${ONE:+with one}
          B: ${TWO:-${THREE:-three}}
          C: $${NOT_OURS} and $$
          D: $(date) for 5$
        """,
        (
            'with_environment("A", "with one")',
            'with_environment("D", "$(date) for 5$")',
            'app.add_parameter("two", "three")',
            'with_environment("C", "${NOT_OURS} and $")',
        ),
        {"/${ONE}": "decided here"},
        env="ONE=1\n",
    ),
    Feature(
        "a secret with a default",
        "environment: {POSTGRES_PASSWORD: '${POSTGRES_PASSWORD:-postgres}'}",
        ('app.add_parameter("postgres-password", "postgres", secret=True)',),
    ),
    Feature(
        "anchors for variables",
        """
        x-common: &common {LEVEL: info, REGION: "${REGION:-eu}"}
        services:
          one: {image: nginx, environment: {<<: *common, NAME: one}}
          two: {image: nginx, environment: {<<: *common, NAME: two}}
          three: {image: nginx, environment: *common}
        """,
        (
            'common: dict[str, ValueLike] = {"LEVEL": "info", "REGION": region}',
            'app.add_container("one", "nginx", env=common)',
            'app.add_container("three", "nginx", env=common)',
            'with_environment("NAME", "two")',
        ),
    ),
    Feature(
        "anchors for services",
        """
        x-base: &base
          image: example/app
          restart: always
          user: "1000"
          volumes: ["data:/data"]
        services:
          web: {<<: *base, command: serve}
          worker: {<<: *base, command: work, user: "0"}
        volumes: {data: }
        """,
        (
            "def with_base(container: Container) -> Container:",
            'with_volume("data", "/data").with_restart("always")',
            'with_base(app.add_container("web", "example/app")).with_args("serve").with_user("1000")',
            'with_base(app.add_container("worker", "example/app")).with_args("work").with_user("0")',
        ),
    ),
    Feature(
        "a merge of several anchors",
        """
        x-a: &a {A: 1}
        x-b: &b {A: 2, B: 2}
        services:
          web: {image: nginx, environment: {<<: [*a, *b], C: 3}}
        """,
        ('("A", "1")', '("B", "2")', '("C", "3")'),
    ),
    Feature(
        "an override",
        """
        services:
          web: {image: nginx, command: [old, words], ports: ["80:80"], environment: [A=1, B=2], volumes: ["one:/data"]}
        volumes: {one: , two: }
        """,
        (
            'with_args("new")',
            "port=80, target_port=80",
            "port=443, target_port=443",
            '("A", "1")',
            '("B", "3")',
            'with_volume("two", "/data")',
        ),
        more=("services: {web: {command: new, ports: ['443:443'], environment: {B: 3}, volumes: ['two:/data']}}",),
        without=("old", '("B", "2")', '"one"'),
    ),
    Feature(
        "an override that removes and one that replaces",
        """
        services:
          web: {image: nginx, ports: ["80:80"], environment: {A: 1, B: 2}, depends_on: [db]}
          db: {image: x}
        """,
        ("port=8080, target_port=8080", '("B", "2")'),
        more=(
            """
            services:
              web:
                ports: !override ["8080:8080"]
                environment: {A: !reset null}
                depends_on: !reset []
            """,
        ),
        without=("port=80,", '("A"', "wait_for"),
    ),
    Feature(
        "an override of a short build by a long one",
        "build: ./web",
        ('app.add_dockerfile("web", "./web", target="dev")',),
        more=("services: {web: {build: {target: dev}}}",),
    ),
    Feature(
        "several documents in one file",
        "services: {web: {image: nginx, environment: {A: 1}}}\n---\nservices: {web: {environment: {A: 2}}}",
        ('("A", "2")',),
    ),
    Feature(
        "a service that extends another",
        """
        services:
          base: {image: example/app, environment: {A: 1, B: 1}, command: serve}
          web: {extends: base, environment: {B: 2}}
        """,
        ('app.add_container("web", "example/app").with_args("serve").with_environment("A", "1")', '("B", "2")'),
    ),
    Feature(
        "a service that extends one of another file",
        "extends: {file: shared/base.yaml, service: app}",
        ('app.add_dockerfile("web", "shared/src")', 'with_env_file("shared/app.env")', '("A", "1")'),
        files={"shared/base.yaml": "services: {app: {build: ./src, env_file: app.env, environment: {A: 1}}}"},
    ),
    Feature(
        "files that are included",
        """
        include:
          - infra/compose.yaml
          - {path: [more/a.yaml, more/b.yaml], env_file: more/vars.env, project_directory: .}
        services:
          web: {image: nginx, depends_on: [db]}
        """,
        (
            'app.add_container("db", f"postgres:{PG}")',
            'with_env_file("infra/db.env")',
            "wait_for_start(db)",
            'app.add_container("extra", f"example/extra:{TAG}").with_args("b")',
            'TAG = "7"',
        ),
        files={
            "infra/compose.yaml": "services: {db: {image: 'postgres:${PG}', env_file: db.env}}",
            "infra/.env": "PG=15",
            "more/a.yaml": "services: {extra: {image: 'example/extra:${TAG}', command: a}}",
            "more/b.yaml": "services: {extra: {command: b}}",
            "more/vars.env": "TAG=7",
        },
    ),
    Feature(
        "names that no resource has",
        """
        name: My Shop
        services:
          web.1: {image: nginx}
          2nd: {image: nginx}
          app: {image: nginx}
          import: {image: nginx, depends_on: [app]}
        """,
        (
            "def my_shop(app: AppBuilder)",
            'app.add_container("web-1", "nginx")',
            'with_container_runtime_args("--network-alias=web.1")',
            'app.add_container("service-2nd", "nginx")',
            'app_ = app.add_container("app", "nginx")',
            'app.add_container("import", "nginx")',
            "wait_for_start(app_)",
        ),
        {"/services.web.1": "can't be called 'web.1'", "/name": "as Python takes it"},
    ),
    Feature(
        "a variable and a service of one name",
        "services: {redis: {image: redis}, web: {image: nginx, environment: {R: '${REDIS:-yes}'}}}",
        ('redis_2 = app.add_parameter("redis-2", "yes")', 'with_environment("R", redis_2)'),
    ),
    Feature(
        "volumes and networks from outside",
        """
        services:
          web: {image: nginx, volumes: ["data:/data"]}
        volumes: {data: {external: true, name: old-data}}
        networks: {edge: {external: true}}
        """,
        ('with_volume("data", "/data")',),
        {
            "/volumes.data.external": "has to be copied",
            "/volumes.data.name": "has to be copied",
            "/networks.edge.external": "share one network",
        },
    ),
    Feature(
        "a version, extensions, and models",
        """
        version: "3.9"
        x-note: {a: [1, 2]}
        services: {web: {image: nginx, x-mine: 1, models: [llm]}}
        models: {llm: {model: ai/small}}
        """,
        ('app.add_container("web", "nginx")',),
        {"/version": "takes no notice", "/models.llm": "models are no resources", "models": "models are no resources"},
    ),
    Feature(
        "numbers and words of YAML that are texts for Compose",
        """
        environment:
          A: on
          B: 22:22
          C: 0x10
          D: 1e3
          E: 2020-01-01
          F: ~
          G: 1_000
          H: 010
        """,
        ('("A", "on")', '("B", "22:22")', '("C", "16")', '("D", "1000")', '("E", "2020-01-01")', '("G", "1000")'),
    ),
    Feature(
        "texts with quotes, braces and several lines",
        r"""
        environment:
          JSON: '{"a": "b"}'
          QUOTE: it's
          LINES: |
            one {two}
            ${THREE:-3}
          TAB: "a\tb"
        """,
        (
            """("JSON", '{"a": "b"}')""",
            '("QUOTE", "it\'s")',
            'ref(("one {{two}}\\n" "{three}\\n"), three=three)',
            '("TAB", "a\\tb")',
        ),
    ),
]


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_feature(feature: Feature) -> None:
    """What belongs to a file as a whole must be in the app file, or be told with a reason."""
    feature.check()


def test_active_profiles_are_no_groups() -> None:
    """Services of a profile that is asked for must be in no group, those of others in theirs."""
    text = "services: {a: {image: x, profiles: [one]}, b: {image: x, profiles: [two]}}"

    code = calls_of(import_text(text, profiles=["one"]))

    assert 'with_group("two")' in code
    assert 'with_group("one")' not in code
