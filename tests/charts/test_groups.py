"""Groups in a chart, as the real helm renders it."""

from __future__ import annotations

from tests.support.charts import Charts

from fairlead import AppBuilder


def test_a_chart_without_a_group_has_no_value_for_it(charts: Charts) -> None:
    """What is left out must leave no unused value, and what is left must be complete."""

    def define(app: AppBuilder) -> None:
        k8s = app.add_kubernetes_environment("k8s")
        pg = app.add_postgres("pg")
        admin = app.add_container("admin", "adminer:4", group="tools").with_http_endpoint(target_port=80)
        admin.with_external_http_endpoints().with_reference(pg)
        admin.with_environment("KEY", app.add_parameter("admin-key", secret=True))
        k8s.add_ingress("edge").with_hostname("a.example.com").with_path("/", admin).with_tls("cert")
        app.add_container("api", "nginx:1.22-bookworm").with_reference(admin, optional=True).with_reference(pg)

    charts.publish(define)
    without = charts.render({"pg-password": "p"})
    charts.publish(define, groups=("tools",))
    objects = charts.render({"pg-password": "p", "admin-key": "k"})

    assert {key for key in objects.keys() - without.keys() if key[0] != "ConfigMap"} == {
        ("Deployment", "admin"),
        ("Service", "admin"),
        ("Secret", "admin"),
        ("Ingress", "edge"),
    }


def test_a_job_on_request_is_told_of_in_the_notes(charts: Charts) -> None:
    """A one-off job must be a valid, suspended CronJob, and the notes must say how it is run."""

    def define(app: AppBuilder) -> None:
        api = app.add_container("api", "nginx:1.22-bookworm", args=["serve"])
        app.add_job("migrate", api, args=["migrate"])

    charts.publish(define)
    cron_job = charts.render()["CronJob", "migrate"]
    notes = charts.notes("--namespace", "live")

    assert cron_job["spec"]["suspend"] is True
    assert cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]["args"] == ["migrate"]
    assert "  kubectl create job migrate-1 --from=cronjob/migrate --namespace live\n" in notes
    assert "  fairlead run-job migrate --namespace live -- ARGUMENTS\n" in notes
