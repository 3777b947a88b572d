"""What a service says, key by key, and what comes of it."""

from __future__ import annotations

import pytest
from tests.support.compose_features import Feature

FEATURES = [
    Feature("an image", "image: nginx:1.22-bookworm", ('app.add_container("web", "nginx:1.22-bookworm")',)),
    Feature("a build in one word", "build: ./web", ('app.add_dockerfile("web", "./web")',)),
    Feature(
        "a build with all that a Dockerfile takes",
        """
        build:
          context: ./web
          dockerfile: docker/Dockerfile
          target: production
          args: [NODE_ENV=production]
          cache_from: [registry.example.com/cache]
        image: example/web:1
        """,
        (
            'app.add_dockerfile("web", "./web", dockerfile="docker/Dockerfile", target="production",'
            ' build_args={"NODE_ENV": "production"})',
        ),
        {"build.cache_from": "engine's business", "image": "called after its resource"},
    ),
    Feature(
        "a build with a secret",
        """
        services:
          web:
            build: {context: ., secrets: [npm-token]}
        secrets:
          npm-token: {environment: NPM_TOKEN}
        """,
        (
            'npm_token = app.add_parameter("npm-token", secret=True)',
            'app.add_dockerfile("web", ".", build_secrets={"npm-token": npm_token})',
        ),
    ),
    Feature(
        "one image for several services",
        """
        services:
          api: {build: ./backend, image: example/backend, command: serve}
          worker: {image: example/backend, command: work}
        """,
        (
            'backend = app.add_image("backend", "./backend")',
            'app.add_container("api", backend).with_args("serve")',
            'app.add_container("worker", backend).with_args("work")',
        ),
    ),
    Feature(
        "a command in one line", "command: serve --name 'a b' $$HOME", ('with_args("serve", "--name", "a b", "$HOME")',)
    ),
    Feature(
        "a command and an entrypoint as lists",
        """
        entrypoint: ["/bin/sh", "-c"]
        command: ["echo hello && sleep 5"]
        """,
        ('with_entrypoint("/bin/sh", "-c")', 'with_args("echo hello && sleep 5")'),
    ),
    Feature(
        "variables as a mapping",
        """
        environment:
          DEBUG: false
          WORKERS: 4
          RATIO: 1.50
          EMPTY: ""
        """,
        (
            'with_environment("DEBUG", "false")',
            'with_environment("WORKERS", "4")',
            'with_environment("RATIO", "1.5")',
            'with_environment("EMPTY", "")',
        ),
    ),
    Feature(
        "variables as a list, one of them from outside",
        "environment: [MODE=fast, TZ]",
        ('with_environment("MODE", "fast")', 'tz = app.add_parameter("tz", "")', 'with_environment("TZ", tz)'),
        {"environment.TZ": "not there at all for Compose"},
    ),
    Feature(
        "a secret in clear",
        "environment: {SESSION_SECRET: hunter2, PASSWORD_MIN_LENGTH: 8, TOKEN_URL: https://example.com/token}",
        (
            'session_secret = app.add_parameter("session-secret", "hunter2", secret=True)',
            'with_environment("SESSION_SECRET", session_secret)',
            'with_environment("TOKEN_URL", "https://example.com/token")',
        ),
    ),
    Feature(
        "a password within an address, which another service has too",
        """
        services:
          db:
            image: postgres:15-bookworm
            environment: {POSTGRES_PASSWORD: s3cret!}
          web:
            image: nginx
            environment: {DATABASE_URL: "postgresql://app:s3cret!@db:5432/app"}
        """,
        (
            'app.add_parameter("postgres-password", "s3cret!", secret=True)',
            'ref("postgresql://app:{postgres_password}@db:5432/app", postgres_password=postgres_password)',
        ),
        without=("database_url_password",),
    ),
    Feature(
        "environment files",
        """
        env_file:
          - common.env
          - {path: local.env, required: false}
        """,
        ('with_env_file("common.env")',),
        {"env_file[1]": "not required and not there"},
        without=("local.env",),
    ),
    Feature(
        "ports in their short form",
        'ports: ["8080:80", "127.0.0.1:9000:9000", "53:53/udp", "5432"]',
        (
            "with_http_endpoint(port=8080, target_port=80)",
            'with_endpoint("tcp", port=9000, target_port=9000)',
            'with_endpoint("udp", port=53, target_port=53, protocol="udp")',
            'with_endpoint("tcp-5432", target_port=5432)',
            "with_external_http_endpoints()",
        ),
        {"ports[2]": "external=True opens it"},
    ),
    Feature(
        "ports in their long form",
        """
        ports:
          - {target: 8443, published: "443", protocol: tcp, app_protocol: https, name: secure, mode: host}
        """,
        ('with_endpoint("secure", port=443, target_port=8443, scheme="https")',),
        {"ports[0].mode": "one way to publish"},
    ),
    Feature(
        "a range of ports",
        'ports: ["3000-3001:8000-8001", "9000-9001:9000-9005"]',
        ("port=3000, target_port=8000", "port=3001, target_port=8001"),
        {"ports[1]": "differ in length"},
    ),
    Feature(
        "a port of this machine that two services want",
        """
        services:
          one: {image: nginx, ports: ["8080:80"]}
          web: {image: nginx, ports: ["8080:80"]}
        """,
        ("port=8080, target_port=80", "with_http_endpoint(target_port=80)"),
        {"ports[0]": "given to 'one'"},
    ),
    Feature("exposed ports", 'expose: ["7000", 7001]', ("target_port=7000", "target_port=7001")),
    Feature(
        "ports that only others know",
        """
        services:
          web: {image: nginx, environment: {API: "http://api:7070/v1", CACHE: "cache:6380"}}
          api: {image: example/api}
          cache: {image: redis:7.0-bookworm}
        """,
        (
            'add_container("api", "example/api").with_http_endpoint(target_port=7070)',
            'with_endpoint("tcp", target_port=6379)',
            'with_endpoint("tcp-6380", target_port=6380)',
        ),
    ),
    Feature(
        "ports that only a Dockerfile or a mounted file knows",
        """
        services:
          web: {image: nginx, volumes: ["./conf:/etc/nginx/conf.d"]}
          api: {build: ./api}
          blobs: {image: example/blobs}
        """,
        (
            'add_dockerfile("api", "./api").with_http_endpoint(target_port=8000)',
            'with_endpoint("tcp", target_port=7001)',
        ),
        files={
            "conf/default.conf": "proxy_pass http://api:8000; upstream { server blobs:7001; }",
            "api/Dockerfile": "FROM a AS b\nEXPOSE 1\nFROM c\nEXPOSE 8000/tcp",
        },
    ),
    Feature(
        "the address that people type",
        """
        services:
          web: {image: nginx, ports: ["3000:80"], environment: {API_URL: "http://localhost:8000/v1"}}
          api:
            image: example/api
            ports: ["8000:8000"]
            environment:
              CORS: "http://localhost:3000,http://localhost:1"
              SITE_DOMAIN: localhost:3000
              BIND: localhost:8000
        """,
        (
            'with_environment("API_URL", ref("{api_url}/v1", api_url=api.endpoint("http").public_url))',
            'with_environment("CORS", ref("{web_url},http://localhost:1", web_url=web.endpoint("http").public_url))',
            'with_environment("SITE_DOMAIN", web.endpoint("http").public_host)',
            'with_environment("BIND", "localhost:8000")',
        ),
    ),
    Feature(
        "waits",
        """
        services:
          web:
            image: nginx
            depends_on:
              db: {condition: service_healthy, restart: true}
              migrate: {condition: service_completed_successfully}
              cache: {condition: service_started}
          db: {image: example/db}
          migrate: {image: example/api}
          cache: {image: example/cache}
        """,
        ("wait_for(db)", "wait_for_completion(migrate)", "wait_for_start(cache)"),
        {"depends_on.db.restart": "not restarted with what it waits for"},
    ),
    Feature(
        "a health check by a shell",
        """
        healthcheck:
          test: ["CMD-SHELL", "curl -f http://localhost/ || exit 1"]
          interval: 1m30s
          timeout: 500ms
          retries: 3
          start_period: 20s
          start_interval: 1s
        """,
        (
            'with_command_health_check("curl -f http://localhost/ || exit 1", interval=90, timeout=0.5, retries=3,'
            " start_period=20)",
        ),
        {"healthcheck.start_interval": "as often as it takes"},
    ),
    Feature(
        "a health check without a shell, and one in one line",
        """
        services:
          web: {image: nginx, healthcheck: {test: [CMD, pg_isready, -U, app]}}
          two: {image: nginx, healthcheck: {test: pg_isready}}
        """,
        ('with_command_health_check(["pg_isready", "-U", "app"])', 'with_command_health_check("pg_isready")'),
    ),
    Feature(
        "a health check with a secret in it",
        'healthcheck: {test: ["CMD", "redis-cli", "-a", "${REDIS_PASSWORD}", "ping"]}',
        (
            'with_environment("REDIS_PASSWORD", redis_password)',
            """with_command_health_check('redis-cli -a "$REDIS_PASSWORD" ping')""",
        ),
        {"healthcheck.test": "reads the secret from the variable REDIS_PASSWORD"},
    ),
    Feature(
        "commands with a secret in them",
        """
        services:
          web: {image: "redis:7.0-bookworm", command: "--requirepass ${PASS}"}
          two: {image: example/app, entrypoint: [start, fast], command: [--token, "${API_TOKEN}"]}
          three: {image: example/app, command: "--token ${API_TOKEN}"}
        """,
        (
            'with_environment("PASS", pass_)',
            """with_args("sh", "-c", 'exec docker-entrypoint.sh redis-server --requirepass "$PASS"')""",
            'with_entrypoint("/bin/sh", "-c")',
            """with_args('exec start fast --token "$API_TOKEN"')""",
        ),
        {"command": "a shell reads the secret", "/services.three.command": "let the program read that"},
    ),
    Feature(
        "no health check",
        "healthcheck: {disable: true}",
        ("with_image_health_check(False)",),
        {},
    ),
    Feature(
        "volumes of all kinds",
        """
        services:
          web:
            image: nginx
            volumes:
              - data:/var/lib/data
              - data:/backup:ro
              - /scratch
              - ./site:/usr/share/nginx/html:ro,z
              - {type: volume, source: data, target: /again, read_only: true, volume: {nocopy: true}}
              - {type: tmpfs, target: /run, tmpfs: {size: 64m, mode: 0o1777}}
            tmpfs: /tmp:size=10m
        volumes:
          data:
        """,
        (
            'with_volume("data", "/var/lib/data")',
            'with_volume("data", "/backup", read_only=True)',
            'with_volume(None, "/scratch")',
            'with_bind_mount("./site", "/usr/share/nginx/html", read_only=True)',
            'with_volume("data", "/again", read_only=True)',
            'with_tmpfs("/run", size="64m", mode=0o1777)',
            'with_tmpfs("/tmp", size="10m")',
        ),
        {"volumes[3]": "knows no z", "volumes[4].volume.nocopy": "if the engine does that"},
        files={"site/index.html": "<p>Ahoy</p>"},
    ),
    Feature(
        "what a cluster gets for folders of this machine",
        """
        volumes:
          - ./nginx.conf:/etc/nginx/nginx.conf
          - ./certs:/certs:ro
          - ./data:/data
          - /var/run/docker.sock:/var/run/docker.sock
        """,
        (
            'with_bind_mount("./nginx.conf", "/etc/nginx/nginx.conf", publish_mount="config")',
            'with_bind_mount("./certs", "/certs", read_only=True, publish_mount="secret")',
            'with_bind_mount("./data", "/data", publish_mount="skip")',
            'with_bind_mount("/var/run/docker.sock", "/var/run/docker.sock", publish_mount="skip")',
        ),
        {"volumes[2]": "keep data in a volume", "volumes[3]": "outside of the project"},
        files={"nginx.conf": "events {}", "certs/tls.key": "-----BEGIN"},
    ),
    Feature(
        "configs and secrets",
        """
        services:
          web:
            image: nginx
            configs:
              - motd
              - {source: settings, target: /etc/app/settings.ini, mode: 0o440}
            secrets: [token, certificate]
        configs:
          motd: {content: "Ahoy ${NAME:-you}\\n"}
          settings: {file: ./settings.ini}
        secrets:
          token: {environment: API_TOKEN}
          certificate: {file: ./tls.pem}
        """,
        (
            'with_container_files("/", [ContainerFile("motd", ref("Ahoy {name}\\n", name=name))])',
            'with_container_files("/etc/app", [ContainerFile("settings.ini", source="./settings.ini", mode=0o440)])',
            'with_container_files("/run/secrets", [ContainerFile("token", api_token)])',
            'with_bind_mount("./tls.pem", "/run/secrets/certificate", read_only=True, publish_mount="secret")',
        ),
    ),
    Feature(
        "a config with two sources, which Compose refuses",
        """
        services:
          web:
            image: nginx
            configs: [motd]
        configs:
          motd: {content: Ahoy, environment: MOTD}
        """,
        ('with_container_files("/", [ContainerFile("motd", "Ahoy")])',),
        {"/configs.motd.environment": "its content is that of 'content'"},
    ),
    Feature(
        "a job that can't be started by hand, and a build secret that has no name",
        """
        services: {}
        jobs:
          tidy:
            build: {context: ., secrets: [""]}
            triggers: {manual: false}
        """,
        (".as_job()",),
        {
            "/jobs.tidy.triggers.manual": "a job can always be started by hand",
            "/jobs.tidy.build.secrets[0]": "can't be the id of a build secret",
        },
    ),
    Feature(
        "less memory than is reserved",
        """
        mem_limit: 1m
        mem_reservation: 2m
        """,
        (),
        {"mem_limit": "with_memory() does not take it", "mem_reservation": "with_memory() does not take it"},
    ),
    Feature(
        "settings of the container",
        """
        user: 1000:1000
        working_dir: /app
        hostname: harbour
        read_only: true
        init: true
        privileged: true
        stop_signal: SIGINT
        stop_grace_period: 1m
        platform: linux/amd64
        pull_policy: if_not_present
        shm_size: 1gb
        """,
        (
            'with_user("1000:1000")',
            'with_working_directory("/app")',
            'with_host_name("harbour")',
            "with_read_only_root()",
            "with_init()",
            "with_privileged()",
            'with_stop_signal("SIGINT")',
            "with_stop_timeout(60)",
            'with_platform("linux/amd64")',
            'with_pull_policy("missing")',
            'with_shm_size("1gb")',
        ),
    ),
    Feature(
        "capabilities, limits and kernel parameters",
        """
        cap_add: [NET_ADMIN]
        cap_drop: [ALL]
        sysctls: {net.core.somaxconn: 1024}
        ulimits: {nproc: 65535, nofile: {soft: 20000, hard: 40000}}
        """,
        (
            'with_capabilities(add=["NET_ADMIN"])',
            'with_capabilities(drop=["ALL"])',
            'with_sysctl("net.core.somaxconn", "1024")',
            'with_ulimit("nproc", 65535)',
            'with_ulimit("nofile", 20000, 40000)',
        ),
    ),
    Feature(
        "devices, GPUs and hosts",
        """
        devices: ["/dev/ttyUSB0:/dev/serial:rw"]
        gpus: all
        extra_hosts: ["db.example.com:10.0.0.5", "host.docker.internal:host-gateway"]
        """,
        (
            'with_device("/dev/ttyUSB0", "/dev/serial", permissions="rw")',
            'with_gpus("all")',
            'with_extra_host("db.example.com", "10.0.0.5")',
        ),
        {"extra_hosts[1]": "knows this machine"},
    ),
    Feature(
        "a request for GPUs",
        "deploy: {resources: {reservations: {devices: [{driver: nvidia, count: 2, capabilities: [gpu]}]}}}",
        ("with_gpus(2)",),
    ),
    Feature(
        "labels, annotations and log options",
        """
        labels: {com.example.team: harbour}
        annotations: [com.example.note=hello]
        logging: {driver: json-file, options: {max-size: 10m, max-file: "3"}}
        """,
        (
            'with_label("com.example.team", "harbour")',
            'with_pod_annotation("com.example.note", "hello")',
            'with_log_options("json-file", max_size="10m", max_file="3")',
        ),
    ),
    Feature(
        "options of docker run",
        """
        dns: 1.1.1.1
        group_add: [audio, 44]
        security_opt: [no-new-privileges:true]
        pids_limit: 100
        tty: true
        ipc: host
        pid: "service:other"
        stdin_open: true
        """,
        (
            'with_container_runtime_args("--dns=1.1.1.1")',
            'with_container_runtime_args("--group-add=audio")',
            'with_container_runtime_args("--group-add=44")',
            'with_container_runtime_args("--security-opt=no-new-privileges:true")',
            'with_container_runtime_args("--pids-limit=100")',
            'with_container_runtime_args("--tty")',
            'with_container_runtime_args("--ipc=host")',
        ),
        {"dns": "a cluster has none", "pid": "share their network only", "stdin_open": "nobody types into it"},
    ),
    Feature(
        "amounts of memory and processors",
        """
        mem_limit: 1g
        deploy:
          resources:
            limits: {cpus: "0.50", memory: 512M, pids: 50}
            reservations: {cpus: "0.25", memory: 256M}
        """,
        (
            'with_memory("512M", reservation="256M")',
            "with_cpu(0.5, reservation=0.25)",
            'with_container_runtime_args("--pids-limit=50")',
        ),
    ),
    Feature(
        "replicas and updates",
        "deploy: {mode: replicated, replicas: 3, update_config: {parallelism: 1}, placement: {constraints: [a==b]}}",
        ("with_replicas(3)",),
        {"deploy.update_config": "for Swarm", "deploy.placement": "for Swarm"},
    ),
    Feature("one on each node", "deploy: {mode: global}", ('with_workload("DaemonSet")',)),
    Feature(
        "restarts",
        """
        services:
          one: {image: nginx, restart: unless-stopped}
          two: {image: nginx, restart: "on-failure:5"}
          web: {image: nginx, restart: "no"}
          four: {image: nginx, deploy: {restart_policy: {condition: on-failure, max_attempts: 3, delay: 5s}}}
        """,
        (
            'with_restart("always")',
            'with_restart("on-failure", max_restarts=5)',
            'with_restart("on-failure", max_restarts=3)',
            'app.add_container("web", "nginx").with_http_endpoint(target_port=80)',
        ),
        {"/services.four.deploy.restart_policy.delay": "after 1 second"},
    ),
    Feature(
        "profiles",
        """
        services:
          web: {image: nginx}
          debug: {image: example/debug, profiles: [tools, debug], depends_on: [web]}
          tail: {image: example/tail, depends_on: {debug: {condition: service_started, required: false}}}
        """,
        ('with_group("tools", "debug")', "wait_for_start(web)", "wait_for_start(debug, optional=True)"),
    ),
    Feature(
        "a service for docker compose run",
        """
        services:
          api: {build: ., command: serve}
          web: {build: ., command: python manage.py, profiles: [manage], restart: "no"}
        """,
        ('with_args("python", "manage.py")', "as_job()"),
        {"profiles": "fairlead run-job web"},
        without=("with_group",),
    ),
    Feature(
        "networks, aliases and names of containers",
        """
        services:
          web:
            image: nginx
            container_name: shop-web
            networks: {front: {aliases: [www], ipv4_address: 10.0.0.2}}
            links: ["api:backend"]
          api: {image: example/api, container_name: shop-api, environment: {SELF: "http://shop-api:80"}}
        networks:
          front: {driver: bridge}
        """,
        (
            'with_container_runtime_args("--network-alias=www")',
            'with_container_runtime_args("--network-alias=shop-api")',
            "wait_for_start(api)",
        ),
        {
            "container_name": "called after its app",
            "networks.front.ipv4_address": "one network",
            "networks.front.aliases[0]": "in a cluster by its own name only",
            "links[0]": "not as 'backend'",
            "/networks.front.driver": "share one network",
        },
    ),
    Feature("the host's network", "network_mode: host", (), {"network_mode": "on the network of its app"}),
    Feature(
        "reactions to changes of files",
        """
        build: .
        develop:
          watch:
            - {path: ./src, action: sync, target: /app/src, ignore: [node_modules/]}
            - {path: package.json, action: rebuild}
            - {path: ./conf, action: sync+restart, target: /etc/app}
            - {path: ./more, action: sync+exec, target: /more, exec: {command: reload}}
        """,
        (
            'with_watch("./src", action="sync", target="/app/src", ignore=["node_modules/"])',
            'with_watch("package.json", action="rebuild")',
            'with_watch("./conf", action="sync+restart", target="/etc/app")',
            'with_watch("./more", action="sync", target="/more")',
        ),
        {"develop.watch[3].action": "the program's own", "develop.watch[3].exec": "no command runs"},
    ),
    Feature(
        "routes by labels of Traefik",
        """
        services:
          web:
            image: nginx
            ports: ["80"]
            labels:
              traefik.enable: "true"
              traefik.http.routers.web.rule: Host(`shop.example.com`) && PathPrefix(`/app`)
              traefik.http.routers.web.tls.certresolver: le
              traefik.http.routers.web.middlewares: gzip
          api:
            image: example/api
            labels:
              - "traefik.http.routers.api.rule=Host(`api.shop.example.com`)"
              - "traefik.http.services.api.loadbalancer.server.port=9000"
            environment: {SITE: "https://api.shop.example.com/v2", SHOP: "https://shop.example.com/app"}
        """,
        (
            'kubernetes = app.add_kubernetes_environment("kubernetes")',
            'with_path("/app", web, host="shop.example.com")',
            'with_path("/", api, host="api.shop.example.com")',
            'ref("{api_url}/v2", api_url=api.endpoint("http").public_url)',
            'with_environment("SHOP", "https://shop.example.com/app")',
            "with_tls()",
        ),
        {
            "labels.traefik.http.routers.web.middlewares": "for Traefik alone",
            "labels.traefik.http.routers.web.tls.certresolver": "Secret or issuer",
        },
    ),
    Feature(
        "keys without a counterpart",
        """
        post_start: [{command: ./warm}]
        volumes_from: [other]
        credential_spec: {file: x.json}
        blkio_config: {weight: 300, weight_device: [{path: /dev/sda, weight: 400}]}
        """,
        ('with_container_runtime_args("--blkio-weight=300")',),
        {
            "post_start": "on_ready()",
            "volumes_from": "name each volume",
            "credential_spec": "no counterpart",
            "blkio_config.weight_device": "no limits of their own",
        },
    ),
    Feature(
        "values that make no sense",
        """
        mem_limit: much
        stop_grace_period: soon
        restart: sometimes
        healthcheck: {test: "true", interval: often}
        """,
        ('with_command_health_check("true")',),
        {
            "mem_limit": "'much' is no size",
            "stop_grace_period": "'soon' is no duration",
            "restart": "no restart policy",
            "healthcheck.interval": "'often' is no duration",
        },
    ),
    Feature(
        "an unknown key",
        """
        enviroment: {A: b}
        healthcheck: {test: "true", intervall: 3s}
        """,
        (),
        {"enviroment": "did you mean 'environment'", "healthcheck.intervall": "did you mean 'interval'"},
    ),
    Feature(
        "jobs with triggers",
        """
        services:
          web: {image: nginx}
        jobs:
          migrate: {image: example/api, command: migrate, triggers: {manual: true}}
          tidy: {image: example/api, triggers: {schedule: [{cron: "0 3 * * *", timezone: UTC}]}}
        """,
        ('with_args("migrate")', "as_job()", 'with_workload("CronJob", schedule="0 3 * * *")', "with_explicit_start()"),
        {"/jobs.tidy.triggers.schedule[0].timezone": "of the CronJob"},
    ),
]


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
def test_feature(feature: Feature) -> None:
    """Each key of a service must become its call, or be told with a reason."""
    feature.check()
