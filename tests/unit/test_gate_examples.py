"""The files that the how-to on gates gives are what pipelines and clusters can read, and say what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from headway.governance import kubernetes

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "examples" / "gate"
GUIDE = EXAMPLES.parents[1] / "gate-a-pipeline-and-a-cluster.md"


def read(name: str) -> list[Any]:
    return list(yaml.safe_load_all((EXAMPLES / name).read_text()))


@pytest.mark.parametrize("path", sorted(EXAMPLES.iterdir()), ids=lambda path: path.name)
def test_every_example_is_named_in_the_guide_and_can_be_read(path: Path) -> None:
    assert f"examples/gate/{path.name}" in GUIDE.read_text()
    if path.suffix == ".yaml":
        assert all(read(path.name))


def test_the_webhook_fails_closed_and_sends_all_that_the_gate_knows() -> None:
    [made] = read("validating-webhook.yaml")
    [hook] = made["webhooks"]
    assert made["kind"] == "ValidatingWebhookConfiguration"
    assert (hook["failurePolicy"], hook["sideEffects"], hook["matchPolicy"]) == ("Fail", "NoneOnDryRun", "Equivalent")
    assert hook["admissionReviewVersions"] == ["v1"] and 1 <= hook["timeoutSeconds"] <= 30
    assert "/api/v1/admissions/kubernetes?environment=production" in hook["clientConfig"]["url"]
    assert hook["namespaceSelector"]["matchLabels"] == {kubernetes.ENVIRONMENT: "production"}
    sent = {(rule["apiGroups"][0], name) for rule in hook["rules"] for name in rule["resources"]}
    known = {(group, kind.lower() + "s") for group, kind in (*kubernetes.TEMPLATES, kubernetes.INFERENCE_SERVICE)}
    assert sent == known | {("", "pods/ephemeralcontainers")}
    assert all(set(rule["operations"]) == {"CREATE", "UPDATE"} for rule in hook["rules"])


def test_the_token_goes_to_the_api_server_and_never_into_the_address() -> None:
    control, config = read("api-server-token.yaml")
    assert control["plugins"][0]["configuration"]["kubeConfigFile"]
    assert config["users"][0]["user"]["token"].startswith("hwy_")
    proxy = (EXAMPLES / "token-proxy.yaml").read_text()
    assert 'Authorization "Bearer ${HEADWAY_TOKEN}"' in proxy


def test_pipelines_deploy_only_after_the_gate() -> None:
    [github], [gitlab], [argo] = read("github-actions.yaml"), read("gitlab-ci.yaml"), read("argocd-presync.yaml")
    assert github["jobs"]["deploy"]["needs"] == "gate"
    assert any("headway gate check" in str(step.get("run")) for step in github["jobs"]["gate"]["steps"])
    assert gitlab["deploy"]["needs"] == ["gate"] and "allow_failure" not in gitlab["gate"]
    assert argo["metadata"]["annotations"]["argocd.argoproj.io/hook"] == "PreSync" and argo["spec"]["backoffLimit"] == 0
    pod = argo["spec"]["template"]["spec"]
    assert pod["restartPolicy"] == "Never" and pod["containers"][0]["command"] == ["headway", "gate", "check"]
    jenkins = (EXAMPLES / "Jenkinsfile").read_text()
    assert jenkins.index("stage('Gate')") < jenkins.index("stage('Deploy')")
