"""How files are called that a person saves, and whether they say how they were made."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from generations.forms.downloads import Downloads
from generations.queries.file_names import WORDS, sample_of
from generations.views.request import StudioRequest


@require_http_methods(["GET", "HEAD", "POST"])
def downloads(request: StudioRequest) -> HttpResponse:
    """Show it, show as one types what a pattern makes of a name, save it. Open to people without a team, too."""
    person, sent = request.user, request.POST if request.method == "POST" else None
    known = {name: getattr(person, name) for name in ("file_pattern", "writes_settings", "writes_credits")}
    typed = request.GET if "file_pattern" in request.GET else None
    form = Downloads(sent if sent is not None else typed, initial=known)
    is_good = form.is_valid() if form.is_bound else True
    if sent is not None and is_good:
        person.save_files(**form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("downloads")
    pattern = form.cleaned_data["file_pattern"] if form.is_bound and is_good else person.file_pattern
    words = {f"{{{name}}}": meaning for name, (meaning, _) in WORDS.items()}
    context = {"form": form, "sample": sample_of(person, pattern) if is_good else "", "words": words}
    if request.htmx and typed is not None:
        return render(request, "generations/_file_name.html", context)
    return render(request, "generations/downloads.html", context, status=200 if is_good else 422)
